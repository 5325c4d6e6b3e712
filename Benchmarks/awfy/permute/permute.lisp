;;; Counts the calls that make all permutations of six elements by swapping.

(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(deftype size () '(integer 0 100))

(defstruct (permutation (:constructor make-permutation (elements)))
  (elements nil :type (simple-array fixnum (*)) :read-only t)
  (count 0 :type fixnum))

(declaim (sb-ext:freeze-type permutation))

(declaim (inline swap))
(defun swap (v i j)
  (declare (type (simple-array fixnum (*)) v) (type size i j))
  (rotatef (aref v i) (aref v j)))

(defun permute (p n)
  (declare (type permutation p) (type size n))
  (incf (permutation-count p))
  (unless (zerop n)
    (let ((last (- n 1)))
      (permute p last)
      (loop for i from last downto 0
            do (swap (permutation-elements p) last i)
               (permute p last)
               (swap (permutation-elements p) last i)))))

(declaim (ftype (function () fixnum) permutations))
(defun permutations ()
  (let ((elements (make-array 6 :element-type 'fixnum)))
    (dotimes (i 6) (setf (aref elements i) (- i 1)))
    (let ((p (make-permutation elements)))
      (permute p 6)
      (permutation-count p))))

(defun main (&optional (iterations 1) (inner 1))
  (declare (fixnum iterations inner))
  (dotimes (i (* iterations inner))
    (assert (= 8660 (permutations))))
  (write-line "Permute verified"))

(apply #'main (mapcar #'parse-integer (rest sb-ext:*posix-argv*)))
