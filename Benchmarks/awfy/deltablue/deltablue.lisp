;;; DeltaBlue, an incremental solver of one-way constraints: it keeps a chain of equalities and a row of
;;; projections consistent while their variables are edited. The second argument is how many there are.

(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(deftype index () '(integer 0 1000000000))

;;; Vectors that grow

(defstruct (vec (:constructor make-vec ()))
  (items (make-array 4) :type simple-vector)
  (count 0 :type index))

(declaim (sb-ext:freeze-type vec))

(declaim (inline vec-push))
(defun vec-push (item v)
  (declare (type vec v))
  (let ((items (vec-items v)) (n (vec-count v)))
    (when (= n (length items))
      (setf items (replace (make-array (* 2 n)) items)
            (vec-items v) items))
    (setf (svref items n) item
          (vec-count v) (+ n 1))))

(defun vec-remove (item v)
  (declare (type vec v))
  (let* ((items (vec-items v))
         (n (vec-count v))
         (i (position item items :end n :test #'eq)))
    (when i
      (replace items items :start1 i :start2 (+ i 1) :end2 n)
      (setf (vec-count v) (- n 1)
            (svref items (- n 1)) 0))))

(defmacro do-vec ((name type v) &body body)
  "Walks also what is pushed meanwhile."
  (let ((vec (gensym)) (i (gensym)))
    `(let ((,vec ,v))
       (do ((,i 0 (+ ,i 1)))
           ((>= ,i (vec-count ,vec)))
         (declare (type index ,i))
         (let ((,name (svref (vec-items ,vec) ,i)))
           (declare (type ,type ,name))
           ,@body)))))

;;; Variables and constraints

;; The stronger of two strengths is the lesser one.
(deftype strength () '(integer 0 7))
(defconstant +required+ 1)
(defconstant +preferred+ 3)
(defconstant +strong-default+ 4)
(defconstant +default+ 5)
(defconstant +absolute-weakest+ 7)

(deftype flow () '(member :unsatisfied :forward :backward))

(defstruct constraint
  (strength 0 :type strength :read-only t)
  (flow :unsatisfied :type flow))

(defstruct (cell (:constructor make-cell (value)))
  (value 0 :type fixnum)
  (constraints (make-vec) :type vec :read-only t)
  (determined-by nil :type (or null constraint))
  (mark 0 :type fixnum)
  (walk-strength +absolute-weakest+ :type strength)
  (stay t :type boolean))

(defstruct (stay (:include constraint) (:constructor make-stay (strength cell)))
  (cell nil :type cell :read-only t))

(defstruct (edit (:include stay) (:constructor make-edit (strength cell))))

(defstruct (equality (:include constraint) (:constructor make-equality (strength a b)))
  (a nil :type cell :read-only t)
  (b nil :type cell :read-only t))

(defstruct (scaled (:include equality) (:constructor make-scaled (strength a b scale offset)))
  (scale nil :type cell :read-only t)
  (offset nil :type cell :read-only t))

(declaim (sb-ext:freeze-type cell constraint))

(defun remove-constraint (cell c)
  (declare (type cell cell) (type constraint c))
  (vec-remove c (cell-constraints cell))
  (when (eq c (cell-determined-by cell))
    (setf (cell-determined-by cell) nil)))

(declaim (inline satisfied-p source output known-p))
(defun satisfied-p (c)
  (not (eq (constraint-flow c) :unsatisfied)))

(defun source (c)
  (declare (type equality c))
  (if (eq (constraint-flow c) :forward) (equality-a c) (equality-b c)))

(defun output (c)
  (declare (type constraint c))
  (etypecase c
    (stay (stay-cell c))
    (equality (if (eq (constraint-flow c) :forward) (equality-b c) (equality-a c)))))

(defun known-p (cell mark)
  (declare (type cell cell) (fixnum mark))
  (or (= (cell-mark cell) mark) (cell-stay cell) (null (cell-determined-by cell))))

(defun cells (c)
  (declare (type constraint c))
  (etypecase c
    (stay (list (stay-cell c)))
    (scaled (list (equality-a c) (equality-b c) (scaled-scale c) (scaled-offset c)))
    (equality (list (equality-a c) (equality-b c)))))

(declaim (inline every-input))
(defun every-input (predicate c)
  (declare (type function predicate) (type constraint c))
  (etypecase c
    (stay t)
    (scaled (and (funcall predicate (source c))
                 (funcall predicate (scaled-scale c))
                 (funcall predicate (scaled-offset c))))
    (equality (funcall predicate (source c)))))

(declaim (inline flow-into))
(defun flow-into (cell c mark flow)
  "The flow, if the constraint may determine the variable."
  (declare (type cell cell) (type constraint c) (fixnum mark))
  (if (and (/= (cell-mark cell) mark) (< (constraint-strength c) (cell-walk-strength cell)))
      flow
      :unsatisfied))

(defun choose-method (c mark)
  (declare (type constraint c) (fixnum mark))
  (setf (constraint-flow c)
        (etypecase c
          (stay (flow-into (stay-cell c) c mark :forward))
          (equality
           (let ((a (equality-a c)) (b (equality-b c)))
             (cond ((= (cell-mark a) mark) (flow-into b c mark :forward))
                   ((= (cell-mark b) mark) (flow-into a c mark :backward))
                   ((> (cell-walk-strength a) (cell-walk-strength b)) (flow-into a c mark :backward))
                   (t (flow-into b c mark :forward))))))))

(defun execute (c)
  (declare (type constraint c))
  (etypecase c
    (stay nil)
    (scaled
     (let ((a (equality-a c)) (b (equality-b c))
           (scale (cell-value (scaled-scale c)))
           (offset (cell-value (scaled-offset c))))
       (if (eq (constraint-flow c) :forward)
           (setf (cell-value b) (+ (* (cell-value a) scale) offset))
           (setf (cell-value a) (values (truncate (- (cell-value b) offset) scale))))))
    (equality (setf (cell-value (output c)) (cell-value (source c))))))

(defun recalculate (c)
  (declare (type constraint c))
  (etypecase c
    (stay
     (let ((cell (stay-cell c)))
       (setf (cell-walk-strength cell) (constraint-strength c)
             (cell-stay cell) (not (edit-p c)))))
    (equality
     (let ((out (output c))
           (stay (every-input #'cell-stay c)))
       (setf (cell-walk-strength out) (max (constraint-strength c) (cell-walk-strength (source c)))
             (cell-stay out) stay)
       (when stay (execute c))))))

;;; Adding and removing

(defstruct (planner (:constructor make-planner ()))
  (mark 0 :type fixnum))

(declaim (sb-ext:freeze-type planner))

(declaim (ftype (function (planner constraint)) incremental-add incremental-remove)
         (ftype (function (planner constraint fixnum) boolean) add-propagate))

(declaim (inline new-mark))
(defun new-mark (p)
  (incf (planner-mark p)))

(declaim (ftype (function (planner constraint) constraint) constrain))
(defun constrain (p c)
  (dolist (cell (cells c)) (vec-push c (cell-constraints cell)))
  (incremental-add p c)
  c)

(defun remove-from-graph (c)
  (declare (type constraint c))
  (dolist (cell (cells c)) (remove-constraint cell c))
  (setf (constraint-flow c) :unsatisfied))

(defun destroy (p c)
  (declare (type constraint c))
  (when (satisfied-p c) (incremental-remove p c))
  (remove-from-graph c))

(declaim (ftype (function (planner constraint fixnum) (or null constraint)) satisfy))
(defun satisfy (p c mark)
  "Answers the constraint that was overridden."
  (choose-method c mark)
  (cond ((satisfied-p c)
         (let* ((out (output c))
                (overridden (cell-determined-by out)))
           (every-input (lambda (cell) (setf (cell-mark cell) mark) t) c)
           (when overridden
             (setf (constraint-flow overridden) :unsatisfied))
           (setf (cell-determined-by out) c)
           (unless (add-propagate p c mark) (error "cycle of constraints"))
           (setf (cell-mark out) mark)
           overridden))
        ((= (constraint-strength c) +required+)
         (error "could not satisfy a required constraint"))))

(defun incremental-add (p c)
  (let ((mark (new-mark p)) (next c))
    (declare (type (or null constraint) next))
    (loop while next
          do (setf next (satisfy p next mark)))
    (values)))

(declaim (inline push-consumers))
(defun push-consumers (todo cell)
  "Adds the constraints that the variable is an input of."
  (declare (type cell cell))
  (do-vec (c constraint (cell-constraints cell))
    (when (and (satisfied-p c) (not (eq c (cell-determined-by cell))))
      (vec-push c todo))))

(defun add-propagate (p c mark)
  (let ((todo (make-vec)))
    (vec-push c todo)
    (do-vec (d constraint todo)
      (let ((out (output d)))
        (when (= (cell-mark out) mark)
          (incremental-remove p c)
          (return-from add-propagate nil))
        (recalculate d)
        (push-consumers todo out)))
    t))

(defun remove-propagate-from (out)
  "The constraints that are not satisfied any more, the strongest first."
  (declare (type cell out))
  (let ((unsatisfied '()) (todo (make-vec)))
    (setf (cell-determined-by out) nil
          (cell-walk-strength out) +absolute-weakest+
          (cell-stay out) t)
    (vec-push out todo)
    (do-vec (cell cell todo)
      (do-vec (c constraint (cell-constraints cell))
        (cond ((not (satisfied-p c)) (push c unsatisfied))
              ((not (eq c (cell-determined-by cell)))
               (recalculate c)
               (vec-push (output c) todo)))))
    (stable-sort (nreverse unsatisfied) #'< :key #'constraint-strength)))

(defun incremental-remove (p c)
  (let ((out (output c)))
    (setf (constraint-flow c) :unsatisfied)
    (remove-from-graph c)
    (dolist (u (remove-propagate-from out)) (incremental-add p u))
    (values)))

;;; Plans

(declaim (ftype (function (planner list) vec) make-plan extract-plan))
(defun make-plan (p sources)
  "The constraints to execute, in order, when the sources change."
  (let ((mark (new-mark p)) (plan (make-vec)) (todo (make-vec)))
    (dolist (c sources) (vec-push c todo))
    (do-vec (c constraint todo)
      (let ((out (output c)))
        (when (and (/= (cell-mark out) mark)
                   (every-input (lambda (cell) (known-p cell mark)) c))
          (vec-push c plan)
          (setf (cell-mark out) mark)
          (push-consumers todo out))))
    plan))

(defun extract-plan (p constraints)
  (make-plan p (remove-if-not (lambda (c) (and (edit-p c) (satisfied-p c))) constraints)))

(defun execute-plan (plan)
  (do-vec (c constraint plan) (execute c)))

(defun change (p cell value)
  (declare (type cell cell) (fixnum value))
  (let* ((edit (constrain p (make-edit +preferred+ cell)))
         (plan (extract-plan p (list edit))))
    (dotimes (i 10)
      (setf (cell-value cell) value)
      (execute-plan plan))
    (destroy p edit)))

;;; The two tests

(defun chain-test (n)
  (declare (type index n))
  (let* ((p (make-planner))
         (cells (make-array (+ n 1))))
    (map-into cells (lambda () (make-cell 0)))
    (dotimes (i n)
      (constrain p (make-equality +required+ (svref cells i) (svref cells (+ i 1)))))
    (let ((start (svref cells 0)) (end (svref cells n)))
      (constrain p (make-stay +strong-default+ end))
      (let* ((edit (constrain p (make-edit +preferred+ start)))
             (plan (extract-plan p (list edit))))
        (dotimes (value 100)
          (setf (cell-value start) value)
          (execute-plan plan)
          (assert (= value (cell-value end))))
        (destroy p edit)))))

(defun projection-test (n)
  (declare (type index n))
  (let ((p (make-planner))
        (scale (make-cell 10))
        (offset (make-cell 1000))
        (sources (make-array n))
        (targets (make-array n)))
    (dotimes (i n)
      (let ((s (make-cell (+ i 1))) (target (make-cell (+ i 1))))
        (setf (svref sources i) s
              (svref targets i) target)
        (constrain p (make-stay +default+ s))
        (constrain p (make-scaled +required+ s target scale offset))))
    (let ((source (svref sources (- n 1)))
          (target (svref targets (- n 1))))
      (change p source 17)
      (assert (= 1170 (cell-value target)))
      (change p target 1050)
      (assert (= 5 (cell-value source))))
    (change p scale 5)
    (dotimes (i (- n 1))
      (assert (= (+ (* (+ i 1) 5) 1000) (cell-value (svref targets i)))))
    (change p offset 2000)
    (dotimes (i (- n 1))
      (assert (= (+ (* (+ i 1) 5) 2000) (cell-value (svref targets i)))))))

(defun main (&optional (iterations 1) (size 1))
  (declare (fixnum iterations))
  (dotimes (i iterations)
    (chain-test size)
    (projection-test size))
  (write-line "DeltaBlue verified"))

(apply #'main (mapcar #'parse-integer (rest sb-ext:*posix-argv*)))
