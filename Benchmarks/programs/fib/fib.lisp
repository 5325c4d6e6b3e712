(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(declaim (ftype (function (fixnum) fixnum) fib))
(defun fib (n)
  (if (< n 2)
      n
      (+ (fib (- n 1)) (fib (- n 2)))))

(defun rounds ()
  "The last argument, or 1 without one."
  (or (parse-integer (first (last sb-ext:*posix-argv*)) :junk-allowed t) 1))

(dotimes (i (rounds)) (format t "~D~%" (fib 37)))
