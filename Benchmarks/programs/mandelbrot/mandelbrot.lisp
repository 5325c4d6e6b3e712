(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))
(eval-when (:compile-toplevel :load-toplevel :execute)
  (setf *read-default-float-format* 'double-float))

(defconstant +size+ 700)
(defconstant +limit+ 100)

(declaim (ftype (function (double-float double-float) fixnum) escape-time) (inline escape-time))
(defun escape-time (cr ci)
  "How many steps the point stays within radius 2, at most +LIMIT+."
  (let ((zr 0.0) (zi 0.0))
    (declare (double-float zr zi))
    (dotimes (n +limit+ +limit+)
      (let ((r2 (* zr zr)) (i2 (* zi zi)))
        (when (> (+ r2 i2) 4.0) (return n))
        (setf zi (+ (* 2.0 zr zi) ci)
              zr (+ (- r2 i2) cr))))))

(defun run ()
  (let ((total 0))
    (declare (fixnum total))
    (dotimes (y +size+ total)
      (let ((ci (- (/ (* 2.0 (float y 1.0)) +size+) 1.0)))
        (dotimes (x +size+)
          (let ((cr (- (/ (* 2.0 (float x 1.0)) +size+) 1.5)))
            (incf total (escape-time cr ci))))))))

(defun rounds ()
  "The last argument, or 1 without one."
  (or (parse-integer (first (last sb-ext:*posix-argv*)) :junk-allowed t) 1))

(dotimes (i (rounds)) (format t "~D~%" (run)))
