;;; Builds a tree of vectors, seven deep, whose leaves have random sizes.

(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(defstruct (generator (:constructor make-generator ()))
  (seed 74755 :type (unsigned-byte 17)))

(defstruct (storage (:constructor make-storage ()))
  (generator (make-generator) :type generator :read-only t)
  (count 0 :type fixnum))

(declaim (sb-ext:freeze-type generator storage))

(declaim (inline next))
(defun next (g)
  (setf (generator-seed g) (logand (+ (* (generator-seed g) 1309) 13849) 65535)))

(defun build-tree (s depth)
  (declare (type storage s) (fixnum depth))
  (incf (storage-count s))
  (if (= depth 1)
      (make-array (+ (rem (next (storage-generator s)) 10) 1) :initial-element nil)
      (let ((children (make-array 4 :initial-element nil)))
        (dotimes (i 4 children)
          (setf (svref children i) (build-tree s (- depth 1)))))))

(declaim (ftype (function () fixnum) storage))
(defun storage ()
  (let ((s (make-storage)))
    (build-tree s 7)
    (storage-count s)))

(defun main (&optional (iterations 1) (inner 1))
  (declare (fixnum iterations inner))
  (dotimes (i (* iterations inner))
    (assert (= 5461 (storage))))
  (write-line "Storage verified"))

(apply #'main (mapcar #'parse-integer (rest sb-ext:*posix-argv*)))
