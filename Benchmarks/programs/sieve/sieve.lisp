(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(defconstant +size+ 1000000)
(defconstant +passes+ 30)
(deftype index () '(integer 0 #.(expt 10 12)))

(declaim (ftype (function ((simple-array (unsigned-byte 8) (*)) index) fixnum) sieve))
(defun sieve (prime limit)
  "The sum of the primes below LIMIT."
  (dotimes (i limit) (setf (aref prime i) 1))
  (let ((sum 0))
    (declare (fixnum sum))
    (loop for i of-type index from 2 below limit
          do (when (= 1 (aref prime i))
               (incf sum i)
               (loop for k of-type index from (* i i) below limit by i
                     do (setf (aref prime k) 0))))
    sum))

(defun run ()
  (let ((prime (make-array +size+ :element-type '(unsigned-byte 8) :initial-element 0))
        (total 0))
    (declare (fixnum total))
    (dotimes (pass +passes+)
      (incf total (the fixnum (sieve prime (- +size+ (* pass 1000))))))
    total))

(defun rounds ()
  "The last argument, or 1 without one."
  (or (parse-integer (first (last sb-ext:*posix-argv*)) :junk-allowed t) 1))

(dotimes (i (rounds)) (format t "~D~%" (run)))
