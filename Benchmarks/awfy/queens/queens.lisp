;;; Solves the eight queens puzzle ten times.

(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(deftype place () '(integer 0 7))

(defstruct (board (:constructor make-board ()))
  (free-rows (make-array 8 :initial-element t) :type (simple-vector 8) :read-only t)
  (free-rising (make-array 16 :initial-element t) :type (simple-vector 16) :read-only t)
  (free-falling (make-array 16 :initial-element t) :type (simple-vector 16) :read-only t)
  (queen-rows (make-array 8 :element-type 'fixnum :initial-element -1)
   :type (simple-array fixnum (8)) :read-only t))

(declaim (sb-ext:freeze-type board))

(declaim (inline free-p set-free))
(defun free-p (b row column)
  (declare (type board b) (type place row column))
  (and (svref (board-free-rows b) row)
       (svref (board-free-rising b) (+ column row))
       (svref (board-free-falling b) (+ (- column row) 7))))

(defun set-free (b row column free)
  (declare (type board b) (type place row column))
  (setf (svref (board-free-rows b) row) free
        (svref (board-free-rising b) (+ column row)) free
        (svref (board-free-falling b) (+ (- column row) 7)) free))

(defun place-queen (b column)
  (declare (type board b) (type place column))
  (dotimes (row 8 nil)
    (when (free-p b row column)
      (setf (aref (board-queen-rows b) row) column)
      (set-free b row column nil)
      (when (or (= column 7) (place-queen b (+ column 1)))
        (return t))
      (set-free b row column t))))

(defun queens ()
  (loop repeat 10 always (place-queen (make-board) 0)))

(defun main (&optional (iterations 1) (inner 1))
  (declare (fixnum iterations inner))
  (dotimes (i (* iterations inner))
    (assert (queens)))
  (write-line "Queens verified"))

(apply #'main (mapcar #'parse-integer (rest sb-ext:*posix-argv*)))
