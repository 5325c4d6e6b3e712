;;; Counts the primes up to 5000.

(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(defconstant +size+ 5000)

(deftype index () '(integer 0 1000000))

(declaim (ftype (function () fixnum) primes))
(defun primes ()
  (let ((flags (make-array +size+ :element-type '(unsigned-byte 8) :initial-element 1))
        (count 0))
    (declare (fixnum count))
    (loop for i of-type index from 2 to +size+
          do (when (= 1 (aref flags (- i 1)))
               (incf count)
               (loop for k of-type index from (+ i i) to +size+ by i
                     do (setf (aref flags (- k 1)) 0))))
    count))

(defun main (&optional (iterations 1) (inner 1))
  (declare (fixnum iterations inner))
  (dotimes (i (* iterations inner))
    (assert (= 669 (primes))))
  (write-line "Sieve verified"))

(apply #'main (mapcar #'parse-integer (rest sb-ext:*posix-argv*)))
