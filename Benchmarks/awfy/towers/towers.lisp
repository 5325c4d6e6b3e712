;;; The towers of Hanoi with thirteen disks, kept as linked lists.

(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(deftype pile () '(integer 0 2))

(defstruct (disk (:constructor make-disk (size)))
  (size 0 :type fixnum :read-only t)
  (next nil :type (or null disk)))

(defstruct (towers (:constructor make-towers ()))
  (piles (make-array 3 :initial-element nil) :type (simple-vector 3) :read-only t)
  (moves 0 :type fixnum))

(declaim (sb-ext:freeze-type disk towers))

(declaim (inline push-disk pop-disk))
(defun push-disk (towers disk pile)
  (declare (type towers towers) (type disk disk) (type pile pile))
  (let ((top (svref (towers-piles towers) pile)))
    (declare (type (or null disk) top))
    (when (and top (>= (disk-size disk) (disk-size top)))
      (error "cannot put a big disk on a smaller one"))
    (setf (disk-next disk) top
          (svref (towers-piles towers) pile) disk)))

(declaim (ftype (function (towers pile) disk) pop-disk))
(defun pop-disk (towers pile)
  (let ((top (svref (towers-piles towers) pile)))
    (declare (type (or null disk) top))
    (unless top (error "no disk to take"))
    (setf (svref (towers-piles towers) pile) (disk-next top)
          (disk-next top) nil)
    top))

(defun move-top (towers from to)
  (declare (type towers towers))
  (push-disk towers (pop-disk towers from) to)
  (incf (towers-moves towers)))

(defun build-tower (towers pile disks)
  (declare (fixnum disks))
  (loop for size of-type fixnum from disks downto 0
        do (push-disk towers (make-disk size) pile)))

(defun move-disks (towers disks from to)
  (declare (type towers towers) (fixnum disks) (type pile from to))
  (if (= disks 1)
      (move-top towers from to)
      (let ((other (- 3 from to)))
        (move-disks towers (- disks 1) from other)
        (move-top towers from to)
        (move-disks towers (- disks 1) other to))))

(declaim (ftype (function () fixnum) moves))
(defun moves ()
  (let ((towers (make-towers)))
    (build-tower towers 0 13)
    (move-disks towers 13 0 1)
    (towers-moves towers)))

(defun main (&optional (iterations 1) (inner 1))
  (declare (fixnum iterations inner))
  (dotimes (i (* iterations inner))
    (assert (= 8191 (moves))))
  (write-line "Towers verified"))

(apply #'main (mapcar #'parse-integer (rest sb-ext:*posix-argv*)))
