;;; A collision detector: aircraft fly on simple paths for two hundred frames; each frame is first reduced
;;; to those that share a piece of sky, then their motions are intersected. The second argument is how
;;; many aircraft there are.

(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))
(eval-when (:compile-toplevel :load-toplevel :execute)
  (setf *read-default-float-format* 'double-float))

;;; Red-black trees: balanced search trees (Cormen et al., Introduction to Algorithms, chapter 13). What
;;; goes for one side goes for the other, so most functions take the side.

(deftype side () '(member :left :right))

(defstruct (node (:constructor make-node (key value parent)))
  key
  value
  (red t :type boolean)
  (parent nil :type (or null node))
  (left nil :type (or null node))
  (right nil :type (or null node)))

(defstruct (tree (:constructor make-tree (comparison)) (:copier nil))
  "The comparison answers a number below, equal to or above zero."
  (comparison nil :type (function (t t) fixnum) :read-only t)
  (root nil :type (or null node)))

(declaim (sb-ext:freeze-type node tree))

(declaim (inline opposite red-p child (setf child) side-of))
(defun opposite (side)
  (if (eq side :left) :right :left))

(defun red-p (n)
  (and n (node-red n)))

(defun child (n side)
  (if (eq side :left) (node-left n) (node-right n)))

(defun (setf child) (child n side)
  (if (eq side :left)
      (setf (node-left n) child)
      (setf (node-right n) child))
  (when child
    (setf (node-parent child) n))
  child)

(defun side-of (n parent)
  "Which child of its parent the node is."
  (if (eq n (node-left parent)) :left :right))

(defun replace-node (tree old new)
  "Puts `new` where the node `old` hangs."
  (declare (type tree tree) (type node old) (type (or null node) new))
  (let ((parent (node-parent old)))
    (cond (parent (setf (child parent (side-of old parent)) new))
          (t
           (setf (tree-root tree) new)
           (when new (setf (node-parent new) nil))))))

(defun rotate (tree n side)
  "Moves the node down to that side; its other child takes its place."
  (declare (type tree tree) (type node n) (type side side))
  (let* ((other (opposite side))
         (up (the node (child n other))))
    (replace-node tree n up)
    (setf (child n other) (child up side)
          (child up side) n)))

(declaim (ftype (function (tree t) (or null node)) find-node))
(defun find-node (tree key)
  (let ((n (tree-root tree)) (comparison (tree-comparison tree)))
    (loop
      (when (null n) (return nil))
      (let ((order (the fixnum (funcall comparison key (node-key n)))))
        (when (zerop order) (return n))
        (setf n (if (minusp order) (node-left n) (node-right n)))))))

(declaim (inline lookup))
(defun lookup (tree key)
  (let ((n (find-node tree key)))
    (and n (node-value n))))

(defun balance-insertion (tree n)
  "Mends a red node that may hang below a red one."
  (declare (type tree tree) (type node n))
  (let ((parent (node-parent n)))
    (cond ((null parent) (setf (node-red n) nil))
          ((node-red parent)
           (let* ((grandparent (the node (node-parent parent)))
                  (side (side-of parent grandparent))
                  (other (opposite side))
                  (uncle (child grandparent other)))
             (cond ((red-p uncle)
                    (setf (node-red parent) nil
                          (node-red uncle) nil
                          (node-red grandparent) t)
                    (balance-insertion tree grandparent))
                   (t
                    (when (eq n (child parent other))
                      (rotate tree parent side)
                      (setf parent n))
                    (setf (node-red parent) nil
                          (node-red grandparent) t)
                    (rotate tree grandparent other))))))))

(defun put (tree key value)
  "Answers what the key had before."
  (declare (type tree tree))
  (let ((parent nil) (n (tree-root tree)) (order 0) (comparison (tree-comparison tree)))
    (declare (type (or null node) parent n) (fixnum order))
    (loop
      (when (null n) (return))
      (setf order (funcall comparison key (node-key n)))
      (when (zerop order)
        (return-from put (shiftf (node-value n) value)))
      (setf parent n
            n (if (minusp order) (node-left n) (node-right n))))
    (let ((new (make-node key value parent)))
      (cond ((null parent) (setf (tree-root tree) new))
            ((minusp order) (setf (node-left parent) new))
            (t (setf (node-right parent) new)))
      (balance-insertion tree new)
      nil)))

(defun balance-removal (tree n)
  "Mends the tree around a node whose branch lacks a black one."
  (declare (type tree tree) (type node n))
  (let ((parent (node-parent n)))
    (when parent
      (let* ((side (side-of n parent)) (other (opposite side)))
        (when (red-p (child parent other))
          (setf (node-red (the node (child parent other))) nil
                (node-red parent) t)
          (rotate tree parent side))
        (let ((sibling (the node (child parent other))))
          (cond ((red-p (child sibling other))
                 (setf (node-red sibling) (node-red parent)
                       (node-red parent) nil
                       (node-red (the node (child sibling other))) nil)
                 (rotate tree parent side))
                ((red-p (child sibling side))
                 (setf (node-red (the node (child sibling side))) (node-red parent)
                       (node-red parent) nil)
                 (rotate tree sibling other)
                 (rotate tree parent side))
                (t
                 (setf (node-red sibling) t)
                 (if (node-red parent)
                     (setf (node-red parent) nil)
                     (balance-removal tree parent)))))))))

(defun remove-key (tree key)
  "Answers what the key had."
  (declare (type tree tree))
  (let ((n (find-node tree key)))
    (when n
      (let ((value (node-value n)))
        (when (and (node-left n) (node-right n))
          (let ((heir (node-right n)))
            (declare (type node heir))
            (loop while (node-left heir) do (setf heir (node-left heir)))
            (setf (node-key n) (node-key heir)
                  (node-value n) (node-value heir)
                  n heir)))
        (let ((child (or (node-left n) (node-right n))))
          (unless (node-red n)
            (if (red-p child)
                (setf (node-red child) nil)
                (balance-removal tree n)))
          (replace-node tree n child))
        value))))

(defun each-entry (f n)
  "In the order of the keys."
  (declare (type function f) (type (or null node) n))
  (when n
    (each-entry f (node-left n))
    (funcall f (node-key n) (node-value n))
    (each-entry f (node-right n))))

;;; Vectors

(defstruct (vec2 (:constructor vec2 (x y)))
  (x 0.0 :type double-float :read-only t)
  (y 0.0 :type double-float :read-only t))

(defstruct (vec3 (:constructor vec3 (x y z)))
  (x 0.0 :type double-float :read-only t)
  (y 0.0 :type double-float :read-only t)
  (z 0.0 :type double-float :read-only t))

(declaim (sb-ext:freeze-type vec2 vec3))

(declaim (inline moved plus minus times dot squared-magnitude root))
(defun moved (v dx dy)
  (vec2 (+ (vec2-x v) dx) (+ (vec2-y v) dy)))

(defun plus (v w)
  (vec3 (+ (vec3-x v) (vec3-x w)) (+ (vec3-y v) (vec3-y w)) (+ (vec3-z v) (vec3-z w))))

(defun minus (v w)
  (vec3 (- (vec3-x v) (vec3-x w)) (- (vec3-y v) (vec3-y w)) (- (vec3-z v) (vec3-z w))))

(defun times (v a)
  (vec3 (* a (vec3-x v)) (* a (vec3-y v)) (* a (vec3-z v))))

(defun dot (v w)
  (+ (* (vec3-x v) (vec3-x w)) (* (vec3-y v) (vec3-y w)) (* (vec3-z v) (vec3-z w))))

(defun squared-magnitude (v)
  (dot v v))

(defun root (x)
  (sqrt (the (double-float 0.0) x)))

(declaim (ftype (function (t t) fixnum) compare-numbers compare-vec2))
(defun compare-numbers (a b)
  (- (the (signed-byte 32) a) (the (signed-byte 32) b)))

(defun compare-vec2 (a b)
  (declare (type vec2 a b))
  (cond ((< (vec2-x a) (vec2-x b)) -1)
        ((> (vec2-x a) (vec2-x b)) 1)
        ((< (vec2-y a) (vec2-y b)) -1)
        ((> (vec2-y a) (vec2-y b)) 1)
        (t 0)))

;;; The sky

(defconstant +min-xy+ 0.0)
(defconstant +max-xy+ 1000.0)
(defconstant +min-z+ 0.0)
(defconstant +max-z+ 10.0)
(defconstant +proximity-radius+ 1.0)
(defconstant +voxel-size+ 2.0)

(deftype sign () '(signed-byte 32))

(defstruct (aircraft (:constructor make-aircraft (sign place)))
  (sign 0 :type sign :read-only t)
  (place nil :type vec3 :read-only t))

(defstruct (motion (:constructor make-motion (sign from to)))
  (sign 0 :type sign :read-only t)
  (from nil :type vec3 :read-only t)
  (to nil :type vec3 :read-only t))

(defstruct (collision (:constructor make-collision (a b place)))
  (a 0 :type sign :read-only t)
  (b 0 :type sign :read-only t)
  (place nil :type vec3 :read-only t))

(declaim (sb-ext:freeze-type aircraft motion collision))

(declaim (inline delta in-sky-p overlaps-unit-p))
(defun delta (m)
  (minus (motion-to m) (motion-from m)))

(defun in-sky-p (p)
  (and (<= +min-xy+ (vec3-x p) +max-xy+)
       (<= +min-xy+ (vec3-y p) +max-xy+)
       (<= +min-z+ (vec3-z p) +max-z+)))

(defun overlaps-unit-p (low high)
  "Whether low to high meets 0 to 1."
  (declare (double-float low high))
  (or (<= low 1.0 high) (<= low 0.0 high) (and (<= 0.0 low) (<= high 1.0))))

(declaim (ftype (function (motion motion) (or null vec3)) intersection-of))
(defun intersection-of (m n)
  "Where the two come closer than the radius."
  (let* ((start-m (motion-from m))
         (start-n (motion-from n))
         (d-m (delta m))
         (d-n (delta n))
         (a (squared-magnitude (minus d-n d-m))))
    (if (= a 0.0)
        ;; Side by side: they are close now or never.
        (if (<= (root (squared-magnitude (minus start-n start-m))) +proximity-radius+)
            (times (plus start-m start-n) 0.5)
            nil)
        (let* ((b (* 2.0 (dot (minus start-m start-n) (minus d-m d-n))))
               (c (- (squared-magnitude (minus start-n start-m)) (* +proximity-radius+ +proximity-radius+)))
               (discriminant (- (* b b) (* 4.0 a c))))
          (when (>= discriminant 0.0)
            (let* ((root (root discriminant))
                   (t1 (/ (- (- b) root) (* 2.0 a)))
                   (t2 (/ (- root b) (* 2.0 a))))
              (when (and (<= t1 t2) (overlaps-unit-p t1 t2))
                (let* ((time (max t1 0.0))
                       (p (plus start-m (times d-m time)))
                       (q (plus start-n (times d-n time)))
                       (middle (times (plus p q) 0.5)))
                  (if (in-sky-p middle) middle nil)))))))))

;;; Which motions share a voxel. Speeds of zero make infinities, which compare as they should.

(declaim (inline span meets-axis-p))
(defun span (voxel start speed)
  "When a motion along one axis enters and leaves a voxel."
  (declare (double-float voxel start speed))
  (let* ((r (/ +proximity-radius+ 2.0))
         (enters (/ (- voxel r start) speed))
         (leaves (/ (- (+ voxel +voxel-size+ r) start) speed)))
    (if (< speed 0.0) (values leaves enters) (values enters leaves))))

(defun meets-axis-p (voxel start speed low high)
  (declare (double-float voxel start speed low high))
  (let ((r (/ +proximity-radius+ 2.0)))
    (or (and (= speed 0.0) (<= voxel (+ start r)) (<= (- start r) (+ voxel +voxel-size+)))
        (overlaps-unit-p low high))))

(defun in-voxel-p (voxel m)
  (declare (type vec2 voxel) (type motion m))
  (let ((x (vec2-x voxel)) (y (vec2-y voxel)) (start (motion-from m)))
    (unless (or (> x +max-xy+) (< x +min-xy+) (> y +max-xy+) (< y +min-xy+))
      (let* ((speed (delta m))
             (speed-x (vec3-x speed))
             (speed-y (vec3-y speed)))
        (declare (dynamic-extent speed))
        (multiple-value-bind (low-x high-x) (span x (vec3-x start) speed-x)
          (multiple-value-bind (low-y high-y) (span y (vec3-y start) speed-y)
            (and (meets-axis-p x (vec3-x start) speed-x low-x high-x)
                 (meets-axis-p y (vec3-y start) speed-y low-y high-y)
                 (or (= speed-x 0.0)
                     (= speed-y 0.0)
                     (<= low-y high-x high-y)
                     (<= low-y low-x high-y)
                     (<= low-x low-y high-x)))))))))

(defun put-into (voxels voxel m)
  (let ((n (find-node voxels voxel)))
    (if n
        (push m (node-value n))
        (put voxels voxel (list m)))))

(defun draw (voxels seen voxel m)
  (declare (type vec2 voxel) (type motion m))
  (unless (or (not (in-voxel-p voxel m)) (put seen voxel t))
    (put-into voxels voxel m)
    (draw voxels seen (moved voxel (- +voxel-size+) 0.0) m)
    (draw voxels seen (moved voxel +voxel-size+ 0.0) m)
    (draw voxels seen (moved voxel 0.0 (- +voxel-size+)) m)
    (draw voxels seen (moved voxel 0.0 +voxel-size+) m)
    (draw voxels seen (moved voxel (- +voxel-size+) (- +voxel-size+)) m)
    (draw voxels seen (moved voxel (- +voxel-size+) +voxel-size+) m)
    (draw voxels seen (moved voxel +voxel-size+ (- +voxel-size+)) m)
    (draw voxels seen (moved voxel +voxel-size+ +voxel-size+) m)))

(defun grid-line (a)
  "The line of the grid below."
  (declare (type (double-float -1e9 1e9) a))
  (let ((line (* +voxel-size+ (truncate (/ a +voxel-size+)))))
    (if (< a 0.0) (- line +voxel-size+) line)))

(defun voxel-of (p)
  (declare (type vec3 p))
  (vec2 (grid-line (vec3-x p)) (grid-line (vec3-y p))))

(defun reduced (motions)
  "The motions of each voxel that has several."
  (declare (type list motions))
  (let ((voxels (make-tree #'compare-vec2)) (groups '()))
    (dolist (m motions)
      (declare (type motion m))
      (draw voxels (make-tree #'compare-vec2) (voxel-of (motion-from m)) m))
    (each-entry (lambda (voxel group)
                  (declare (ignore voxel) (type list group))
                  (when (rest group) (push (reverse group) groups)))
                (tree-root voxels))
    (nreverse groups)))

;;; The detector

(defun motions (state frame)
  "How each aircraft got here since the last frame; forgets those that are gone."
  (declare (type tree state) (type list frame))
  (let* ((seen (make-tree #'compare-numbers))
         (gone '())
         (motions (loop for a of-type aircraft in frame
                        for sign = (aircraft-sign a)
                        for now = (aircraft-place a)
                        do (put seen sign t)
                        collect (make-motion sign (or (put state sign now) now) now))))
    (each-entry (lambda (sign place)
                  (declare (ignore place))
                  (unless (lookup seen sign) (push sign gone)))
                (tree-root state))
    (dolist (sign gone) (remove-key state sign))
    motions))

(declaim (ftype (function (tree list) list) collisions))
(defun collisions (state frame)
  (let ((found '()))
    (dolist (group (reduced (motions state frame)) (nreverse found))
      (loop for (m . others) on group
            do (dolist (n others)
                 (let ((place (intersection-of m n)))
                   (when place
                     (push (make-collision (motion-sign m) (motion-sign n) place) found))))))))

(defun simulated (count time)
  "The aircraft, in pairs, at a time."
  (declare (type sign count) (type (double-float 0.0 1e9) time))
  (loop for i of-type sign from 0 below count by 2
        for y = (* 3.0 i)
        collect (make-aircraft i (vec3 time (+ (* (cos time) 2.0) y) 10.0))
        collect (make-aircraft (+ i 1) (vec3 time (+ (* (sin time) 2.0) y) 10.0))))

(defun count-collisions (aircraft)
  (let ((state (make-tree #'compare-numbers)))
    (loop for frame of-type sign from 0 below 200
          sum (length (collisions state (simulated aircraft (/ frame 10.0)))) of-type fixnum)))

(defun known (aircraft)
  (ecase aircraft (2 42) (10 390) (100 4305) (200 8655) (250 10830) ((500 1000) 14484)))

(defun main (&optional (iterations 1) (aircraft 2))
  (declare (fixnum iterations))
  (dotimes (i iterations)
    (assert (eql (known aircraft) (sb-int:with-float-traps-masked (:divide-by-zero :invalid)
                                    (count-collisions aircraft)))))
  (write-line "CD verified"))

(apply #'main (mapcar #'parse-integer (rest sb-ext:*posix-argv*)))
