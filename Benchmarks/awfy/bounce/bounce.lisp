;;; A hundred balls bounce in a box; counts the bounces of fifty rounds.

(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(defconstant +limit+ 500)

(deftype whole () '(signed-byte 32))

(defstruct (generator (:constructor make-generator ()))
  (seed 74755 :type (unsigned-byte 17)))

(defstruct (ball (:constructor make-ball (x y x-speed y-speed)))
  (x 0 :type whole) (y 0 :type whole)
  (x-speed 0 :type whole) (y-speed 0 :type whole))

(declaim (sb-ext:freeze-type generator ball))

(declaim (inline next))
(defun next (g)
  (setf (generator-seed g) (logand (+ (* (generator-seed g) 1309) 13849) 65535)))

(defun random-ball (g)
  (make-ball (rem (next g) +limit+)
             (rem (next g) +limit+)
             (- (rem (next g) 300) 150)
             (- (rem (next g) 300) 150)))

(defun bounce (ball)
  "Moves the ball; answers whether it met a wall."
  (declare (type ball ball))
  (let ((bounced nil))
    (incf (ball-x ball) (ball-x-speed ball))
    (incf (ball-y ball) (ball-y-speed ball))
    (when (> (ball-x ball) +limit+)
      (setf (ball-x ball) +limit+
            (ball-x-speed ball) (- (abs (ball-x-speed ball)))
            bounced t))
    (when (< (ball-x ball) 0)
      (setf (ball-x ball) 0
            (ball-x-speed ball) (abs (ball-x-speed ball))
            bounced t))
    (when (> (ball-y ball) +limit+)
      (setf (ball-y ball) +limit+
            (ball-y-speed ball) (- (abs (ball-y-speed ball)))
            bounced t))
    (when (< (ball-y ball) 0)
      (setf (ball-y ball) 0
            (ball-y-speed ball) (abs (ball-y-speed ball))
            bounced t))
    bounced))

(declaim (ftype (function () fixnum) bounces))
(defun bounces ()
  (let ((g (make-generator))
        (balls (make-array 100))
        (count 0))
    (declare (fixnum count))
    (dotimes (i 100) (setf (svref balls i) (random-ball g)))
    (dotimes (round 50 count)
      (loop for ball across balls
            do (when (bounce ball) (incf count))))))

(defun main (&optional (iterations 1) (inner 1))
  (declare (fixnum iterations inner))
  (dotimes (i (* iterations inner))
    (assert (= 1331 (bounces))))
  (write-line "Bounce verified"))

(apply #'main (mapcar #'parse-integer (rest sb-ext:*posix-argv*)))
