;;; The orbits of the Jovian planets; the second argument is the number of steps.

(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))
(eval-when (:compile-toplevel :load-toplevel :execute)
  (setf *read-default-float-format* 'double-float))

(defconstant +days-per-year+ 365.24)
(defconstant +solar-mass+ (* 4.0 pi pi))

(deftype index () '(integer 0 1000000))

(defstruct (body (:constructor %body (x y z vx vy vz mass)))
  (x 0.0 :type double-float) (y 0.0 :type double-float) (z 0.0 :type double-float)
  (vx 0.0 :type double-float) (vy 0.0 :type double-float) (vz 0.0 :type double-float)
  (mass 0.0 :type double-float :read-only t))

(declaim (sb-ext:freeze-type body))

(defun body (x y z vx vy vz mass)
  (declare (double-float x y z vx vy vz mass))
  (%body x y z
         (* vx +days-per-year+) (* vy +days-per-year+) (* vz +days-per-year+)
         (* mass +solar-mass+)))

(declaim (inline root))
(defun root (x)
  (sqrt (the (double-float 0.0) x)))

(defun offset-momentum (bodies)
  "Lets the sun move against the planets."
  (declare (simple-vector bodies))
  (let ((px 0.0) (py 0.0) (pz 0.0) (sun (svref bodies 0)))
    (declare (double-float px py pz) (type body sun))
    (loop for b of-type body across bodies
          do (incf px (* (body-vx b) (body-mass b)))
             (incf py (* (body-vy b) (body-mass b)))
             (incf pz (* (body-vz b) (body-mass b))))
    (setf (body-vx sun) (- (/ px +solar-mass+))
          (body-vy sun) (- (/ py +solar-mass+))
          (body-vz sun) (- (/ pz +solar-mass+)))))

(defun solar-system ()
  (let ((bodies
          (vector
           (body 0.0 0.0 0.0 0.0 0.0 0.0 1.0)
           (body 4.84143144246472090 -1.16032004402742839 -0.103622044471123109
                 0.00166007664274403694 0.00769901118419740425 -0.0000690460016972063023
                 0.000954791938424326609)
           (body 8.34336671824457987 4.12479856412430479 -0.403523417114321381
                 -0.00276742510726862411 0.00499852801234917238 0.0000230417297573763929
                 0.000285885980666130812)
           (body 12.8943695621391310 -15.1111514016986312 -0.223307578892655734
                 0.00296460137564761618 0.00237847173959480950 -0.0000296589568540237556
                 0.0000436624404335156298)
           (body 15.3796971148509165 -25.9193146099879641 0.179258772950371181
                 0.00268067772490389322 0.00162824170038242295 -0.0000951592254519715870
                 0.0000515138902046611451))))
    (offset-momentum bodies)
    bodies))

(defun advance (bodies dt)
  (declare (simple-vector bodies) (double-float dt))
  (let ((n (length bodies)))
    (dotimes (i n)
      (let ((a (svref bodies i)))
        (declare (type body a))
        (loop for j of-type index from (+ i 1) below n
              do (let* ((b (svref bodies j))
                        (dx (- (body-x a) (body-x b)))
                        (dy (- (body-y a) (body-y b)))
                        (dz (- (body-z a) (body-z b)))
                        (squared (+ (* dx dx) (* dy dy) (* dz dz)))
                        (magnitude (/ dt (* squared (root squared)))))
                   (declare (type body b))
                   (decf (body-vx a) (* dx (body-mass b) magnitude))
                   (decf (body-vy a) (* dy (body-mass b) magnitude))
                   (decf (body-vz a) (* dz (body-mass b) magnitude))
                   (incf (body-vx b) (* dx (body-mass a) magnitude))
                   (incf (body-vy b) (* dy (body-mass a) magnitude))
                   (incf (body-vz b) (* dz (body-mass a) magnitude))))))
    (loop for b of-type body across bodies
          do (incf (body-x b) (* dt (body-vx b)))
             (incf (body-y b) (* dt (body-vy b)))
             (incf (body-z b) (* dt (body-vz b))))))

(defun energy (bodies)
  (declare (simple-vector bodies))
  (let ((e 0.0) (n (length bodies)))
    (declare (double-float e))
    (dotimes (i n e)
      (let ((a (svref bodies i)))
        (declare (type body a))
        (incf e (* 0.5 (body-mass a)
                   (+ (* (body-vx a) (body-vx a))
                      (* (body-vy a) (body-vy a))
                      (* (body-vz a) (body-vz a)))))
        (loop for j of-type index from (+ i 1) below n
              do (let* ((b (svref bodies j))
                        (dx (- (body-x a) (body-x b)))
                        (dy (- (body-y a) (body-y b)))
                        (dz (- (body-z a) (body-z b))))
                   (declare (type body b))
                   (decf e (/ (* (body-mass a) (body-mass b))
                              (root (+ (* dx dx) (* dy dy) (* dz dz)))))))))))

(defun simulated-energy (steps)
  (declare (fixnum steps))
  (let ((bodies (solar-system)))
    (dotimes (i steps) (advance bodies 0.01))
    (energy bodies)))

(defun known (steps)
  (ecase steps (1 -0.16907495402506745) (250000 -0.1690859889909308)))

(defun main (&optional (iterations 1) (steps 1))
  (declare (fixnum iterations))
  (dotimes (i iterations)
    (assert (eql (known steps) (simulated-energy steps))))
  (write-line "NBody verified"))

(apply #'main (mapcar #'parse-integer (rest sb-ext:*posix-argv*)))
