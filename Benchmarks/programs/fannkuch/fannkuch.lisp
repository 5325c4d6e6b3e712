(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(defconstant +size+ 10)
(deftype ints () '(simple-array fixnum (*)))

(declaim (ftype (function (ints ints) fixnum) flips))
(defun flips (source perm)
  "How many prefix reversals bring 0 to the front of a copy of SOURCE."
  (dotimes (i +size+) (setf (aref perm i) (aref source i)))
  (let ((count 0))
    (declare (fixnum count))
    (loop until (= 0 (aref perm 0))
          do (let ((low 0) (high (aref perm 0)))
               (declare (fixnum low high))
               (loop while (< low high)
                     do (rotatef (aref perm low) (aref perm high))
                        (incf low)
                        (decf high)))
             (incf count))
    count))

(declaim (ftype (function (ints ints) t) next-permutation))
(defun next-permutation (perm count)
  "Steps to the next permutation; NIL after the last one."
  (loop for r of-type fixnum from 1 below +size+
        do (let ((first (aref perm 0)))
             (dotimes (i r) (setf (aref perm i) (aref perm (+ i 1))))
             (setf (aref perm r) first))
           (incf (aref count r))
           (when (<= (aref count r) r) (return-from next-permutation t))
           (setf (aref count r) 0))
  nil)

(defun run ()
  (flet ((ints () (make-array +size+ :element-type 'fixnum :initial-element 0)))
    (let ((perm (ints)) (work (ints)) (count (ints)) (checksum 0) (longest 0) (sign 1))
      (declare (type (signed-byte 60) checksum longest) (type (integer -1 1) sign))
      (dotimes (i +size+) (setf (aref perm i) i))
      (loop
        (let ((n (flips perm work)))
          (declare (type (integer 0 1000) n))
          (incf checksum (* sign n))
          (when (> n longest) (setf longest n)))
        (setf sign (- 0 sign))
        (unless (next-permutation perm count) (return)))
      (+ (* checksum 100) longest))))

(defun rounds ()
  "The last argument, or 1 without one."
  (or (parse-integer (first (last sb-ext:*posix-argv*)) :junk-allowed t) 1))

(dotimes (i (rounds)) (format t "~D~%" (run)))
