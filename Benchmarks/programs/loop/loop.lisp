(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(defconstant +outer+ 3000)
(defconstant +inner+ 5000)

(defun run ()
  (let ((x 42) (acc 0))
    (declare (type (integer 0 714024) x) (type (signed-byte 62) acc))
    (dotimes (i +outer+)
      (dotimes (j +inner+)
        (setf x (rem (+ (* x 1366) 150889) 714025))
        (if (< x (+ i j))
            (incf acc x)
            (decf acc j))))
    (+ acc x)))

(defun rounds ()
  "The last argument, or 1 without one."
  (or (parse-integer (first (last sb-ext:*posix-argv*)) :junk-allowed t) 1))

(dotimes (i (rounds)) (format t "~D~%" (run)))
