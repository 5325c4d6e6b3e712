(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(declaim (ftype (function (fixnum) fixnum) fib))
(defun fib (n)
  (if (< n 2)
      n
      (+ (fib (- n 1)) (fib (- n 2)))))

(format t "~D~%" (fib 37))
