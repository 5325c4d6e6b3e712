;;; The Mandelbrot set as a bitmap of size by size, whose bytes are combined by exclusive or.

(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))
(eval-when (:compile-toplevel :load-toplevel :execute)
  (setf *read-default-float-format* 'double-float))

(deftype size () '(integer 0 100000))

(declaim (inline escapes-p))
(defun escapes-p (cr ci)
  "Whether the point leaves the set within fifty steps."
  (declare (double-float cr ci))
  (let ((zrzr 0.0) (zizi 0.0) (zi 0.0))
    (declare (double-float zrzr zizi zi))
    (dotimes (step 50 nil)
      (let ((zr (+ (- zrzr zizi) cr)))
        (setf zi (+ (* 2.0 zr zi) ci)
              zrzr (* zr zr)
              zizi (* zi zi))
        (when (> (+ zrzr zizi) 4.0) (return t))))))

(declaim (ftype (function (size) (unsigned-byte 8)) mandelbrot))
(defun mandelbrot (size)
  (let ((sum 0) (byte 0) (bits 0))
    (declare (type (unsigned-byte 8) sum byte) (type (integer 0 8) bits))
    (dotimes (y size sum)
      (let ((ci (- (/ (* 2.0 y) size) 1.0)))
        (dotimes (x size)
          (let ((cr (- (/ (* 2.0 x) size) 1.5)))
            (setf byte (logand 255 (+ (ash byte 1) (if (escapes-p cr ci) 1 0))))
            (incf bits)
            (when (or (= bits 8) (= x (- size 1)))
              (setf sum (logxor sum (logand 255 (ash byte (- 8 bits))))
                    byte 0
                    bits 0))))))))

(defun known (size)
  (ecase size (1 128) (500 191) (750 50)))

(defun main (&optional (iterations 1) (size 1))
  (declare (fixnum iterations))
  (dotimes (i iterations)
    (assert (eql (known size) (mandelbrot size))))
  (write-line "Mandelbrot verified"))

(apply #'main (mapcar #'parse-integer (rest sb-ext:*posix-argv*)))
