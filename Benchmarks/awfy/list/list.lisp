;;; Takeuchi's function on linked lists, whose lengths stand for the numbers.

(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(defstruct (element (:constructor make-element (value next)))
  (value 0 :type fixnum :read-only t)
  (next nil :type (or null element) :read-only t))

(declaim (sb-ext:freeze-type element))

(defun make-elements (length)
  (declare (fixnum length))
  (if (zerop length)
      nil
      (make-element length (make-elements (- length 1)))))

(declaim (ftype (function ((or null element)) fixnum) element-count))
(defun element-count (list)
  (if list
      (the fixnum (+ 1 (element-count (element-next list))))
      0))

(declaim (inline shorter-p))
(defun shorter-p (x y)
  (declare (type (or null element) x y))
  (loop
    (cond ((null y) (return nil))
          ((null x) (return t)))
    (setf x (element-next x)
          y (element-next y))))

(declaim (ftype (function ((or null element) (or null element) (or null element)) (or null element)) tail))
(defun tail (x y z)
  (if (shorter-p y x)
      (tail (tail (element-next x) y z)
            (tail (element-next y) z x)
            (tail (element-next z) x y))
      z))

(defun main (&optional (iterations 1) (inner 1))
  (declare (fixnum iterations inner))
  (dotimes (i (* iterations inner))
    (assert (= 10 (element-count (tail (make-elements 15) (make-elements 10) (make-elements 6))))))
  (write-line "List verified"))

(apply #'main (mapcar #'parse-integer (rest sb-ext:*posix-argv*)))
