(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))
(eval-when (:compile-toplevel :load-toplevel :execute)
  (setf *read-default-float-format* 'double-float))

(defconstant +steps+ 1000000)
(defconstant +days+ 365.24)

(deftype index () '(integer 0 1000000))

(defstruct (body (:constructor %body (x y z vx vy vz mass)))
  (x 0.0 :type double-float) (y 0.0 :type double-float) (z 0.0 :type double-float)
  (vx 0.0 :type double-float) (vy 0.0 :type double-float) (vz 0.0 :type double-float)
  (mass 0.0 :type double-float))

(defun body (x y z vx vy vz mass)
  (declare (double-float x y z vx vy vz mass))
  (let ((solar (* 4.0 3.141592653589793 3.141592653589793)))
    (%body x y z (* vx +days+) (* vy +days+) (* vz +days+) (* mass solar))))

(defun solar-system ()
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
         0.0000515138902046611451)))

(declaim (inline root))
(defun root (x)
  (sqrt (the (double-float 0.0) x)))

(defun offset-momentum (bodies)
  (declare (simple-vector bodies))
  (let ((px 0.0) (py 0.0) (pz 0.0))
    (declare (double-float px py pz))
    (loop for b of-type body across bodies
          do (incf px (* (body-vx b) (body-mass b)))
             (incf py (* (body-vy b) (body-mass b)))
             (incf pz (* (body-vz b) (body-mass b))))
    (let ((sun (svref bodies 0)))
      (declare (type body sun))
      (setf (body-vx sun) (/ (- 0.0 px) (body-mass sun))
            (body-vy sun) (/ (- 0.0 py) (body-mass sun))
            (body-vz sun) (/ (- 0.0 pz) (body-mass sun))))))

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
                        (d2 (+ (* dx dx) (* dy dy) (* dz dz)))
                        (mag (/ dt (* d2 (root d2))))
                        (am (* (body-mass a) mag))
                        (bm (* (body-mass b) mag)))
                   (declare (type body b))
                   (decf (body-vx a) (* dx bm))
                   (decf (body-vy a) (* dy bm))
                   (decf (body-vz a) (* dz bm))
                   (incf (body-vx b) (* dx am))
                   (incf (body-vy b) (* dy am))
                   (incf (body-vz b) (* dz am))))))
    (loop for b of-type body across bodies
          do (incf (body-x b) (* dt (body-vx b)))
             (incf (body-y b) (* dt (body-vy b)))
             (incf (body-z b) (* dt (body-vz b))))))

(defun energy (bodies)
  (declare (simple-vector bodies))
  (let ((e 0.0) (n (length bodies)))
    (declare (double-float e))
    (dotimes (i n)
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
                              (root (+ (* dx dx) (* dy dy) (* dz dz)))))))))
    e))

(defun run ()
  (let ((bodies (solar-system)))
    (offset-momentum bodies)
    (dotimes (i +steps+) (advance bodies 0.01))
    (values (truncate (* (- 0.0 (the double-float (energy bodies))) 1e12)))))

(defun rounds ()
  "The last argument, or 1 without one."
  (or (parse-integer (first (last sb-ext:*posix-argv*)) :junk-allowed t) 1))

(dotimes (i (rounds)) (format t "~D~%" (run)))
