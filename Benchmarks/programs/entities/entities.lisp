(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))
(eval-when (:compile-toplevel :load-toplevel :execute)
  (setf *read-default-float-format* 'double-float))

(defconstant +count+ 10000)
(defconstant +ticks+ 400)
(defconstant +size+ 1000.0)
(defconstant +dt+ 0.1)
(defconstant +max-speed+ 40.0)

(deftype kind () '(member :wanderer :hunter :turret))
(deftype whole () '(signed-byte 60))

(defstruct entity
  (x 0.0 :type double-float) (y 0.0 :type double-float)
  (vx 0.0 :type double-float) (vy 0.0 :type double-float)
  (kind :wanderer :type kind)
  (health 100 :type whole) (cooldown 0 :type whole) (target 0 :type whole))

(defstruct world
  (seed 42 :type (integer 0 714024))
  (kills 0 :type (signed-byte 32))
  (entities #() :type simple-vector))

(declaim (inline root))
(defun root (x)
  (sqrt (the (double-float 0.0) x)))

(declaim (ftype (function (world) (double-float 0.0 1.0)) chance) (inline chance))
(defun chance (w)
  "A number in 0 ..< 1."
  (let ((seed (rem (+ (* (world-seed w) 1366) 150889) 714025)))
    (setf (world-seed w) seed)
    (/ (float seed 1.0) 714025.0)))

(declaim (ftype (function (world (integer 0 10000)) fixnum) chance-below))
(defun chance-below (w n)
  (values (truncate (* (chance w) (float n 1.0)))))

(declaim (ftype (function (fixnum) kind) kind-of))
(defun kind-of (n)
  (cond ((< n 5) :wanderer) ((< n 8) :hunter) (t :turret)))

(defun steer (w e)
  (declare (type world w) (type entity e))
  (ecase (entity-kind e)
    (:wanderer
     (let* ((ax (* (- (chance w) 0.5) 8.0))
            (ay (* (- (chance w) 0.5) 8.0)))
       (incf (entity-vx e) ax)
       (incf (entity-vy e) ay)))
    (:hunter
     (let* ((prey (svref (world-entities w) (entity-target e)))
            (dx (- (entity-x prey) (entity-x e)))
            (dy (- (entity-y prey) (entity-y e)))
            (pull (/ 6.0 (+ (root (+ (* dx dx) (* dy dy))) 1.0))))
       (declare (type entity prey))
       (incf (entity-vx e) (* dx pull))
       (incf (entity-vy e) (* dy pull))))
    (:turret
     (setf (entity-vx e) (* (entity-vx e) 0.9)
           (entity-vy e) (* (entity-vy e) 0.9)))))

(defun move (e)
  (declare (type entity e))
  (let* ((vx (entity-vx e))
         (vy (entity-vy e))
         (speed2 (+ (* vx vx) (* vy vy))))
    (declare (double-float vx vy))
    (when (> speed2 (* +max-speed+ +max-speed+))
      (let ((f (/ +max-speed+ (root speed2))))
        (setf vx (* vx f) vy (* vy f))))
    (let ((x (+ (entity-x e) (* vx +dt+)))
          (y (+ (entity-y e) (* vy +dt+))))
      (declare (double-float x y))
      (cond ((< x 0.0) (setf x (- 0.0 x) vx (- 0.0 vx)))
            ((> x +size+) (setf x (- (+ +size+ +size+) x) vx (- 0.0 vx))))
      (cond ((< y 0.0) (setf y (- 0.0 y) vy (- 0.0 vy)))
            ((> y +size+) (setf y (- (+ +size+ +size+) y) vy (- 0.0 vy))))
      (setf (entity-x e) x (entity-y e) y
            (entity-vx e) vx (entity-vy e) vy))))

(declaim (inline reach damage))
(defun reach (kind)
  (ecase kind (:wanderer 60.0) (:hunter 120.0) (:turret 300.0)))

(defun damage (kind)
  (ecase kind (:wanderer 15) (:hunter 35) (:turret 50)))

(defun attack (w e)
  (declare (type world w) (type entity e))
  (if (> (entity-cooldown e) 0)
      (decf (entity-cooldown e))
      (let* ((prey (svref (world-entities w) (entity-target e)))
             (dx (- (entity-x prey) (entity-x e)))
             (dy (- (entity-y prey) (entity-y e)))
             (r (reach (entity-kind e))))
        (declare (type entity prey))
        (cond ((< (+ (* dx dx) (* dy dy)) (* r r))
               (decf (entity-health prey) (damage (entity-kind e)))
               (setf (entity-cooldown e) 8))
              (t
               (setf (entity-cooldown e) 3)
               (when (or (not (eq (entity-kind e) :hunter)) (< (chance w) 0.1))
                 (setf (entity-target e) (chance-below w +count+))))))))

(defun respawn (w e)
  (declare (type world w) (type entity e))
  (setf (entity-x e) (* (chance w) +size+)
        (entity-y e) (* (chance w) +size+)
        (entity-vx e) 0.0
        (entity-vy e) 0.0
        (entity-kind e) (kind-of (chance-below w 10))
        (entity-health e) 100
        (entity-cooldown e) (chance-below w 10)
        (entity-target e) (chance-below w +count+)))

(defun tick (w)
  (declare (type world w))
  (loop for e of-type entity across (world-entities w)
        do (steer w e)
           (move e)
           (attack w e)
           (when (<= (entity-health e) 0)
             (incf (world-kills w))
             (respawn w e))))

(defun checksum (w)
  (declare (type world w))
  (let ((sum (* (world-kills w) 1000000)))
    (declare (type (signed-byte 60) sum))
    (loop for e of-type entity across (world-entities w)
          do (incf sum (+ (* 7 (the fixnum (truncate (entity-x e))))
                          (* 13 (the fixnum (truncate (entity-y e))))
                          (entity-health e) (entity-cooldown e) (entity-target e))))
    sum))

(defun run ()
  (let ((w (make-world :entities (make-array +count+))))
    (dotimes (i +count+)
      (let ((e (make-entity)))
        (respawn w e)
        (setf (svref (world-entities w) i) e)))
    (dotimes (i +ticks+) (tick w))
    (checksum w)))

(defun rounds ()
  "The last argument, or 1 without one."
  (or (parse-integer (first (last sb-ext:*posix-argv*)) :junk-allowed t) 1))

(dotimes (i (rounds)) (format t "~D~%" (run)))
