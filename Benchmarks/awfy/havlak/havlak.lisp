;;; Finds the loops of a control flow graph (Havlak, Nesting of Reducible and Irreducible Loops, 1997). The
;;; second argument is how often the small graph is analysed before the large one is built.

(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(defconstant +max-non-back-predecessors+ (* 32 1024))

(deftype index () '(integer 0 1000000000))
(deftype indexes () '(simple-array fixnum (*)))

;;; Vectors that grow

(defstruct (vec (:constructor make-vec ()))
  (items (make-array 4) :type simple-vector)
  (count 0 :type index))

(declaim (sb-ext:freeze-type vec))

(defun vec-push (item v)
  (declare (type vec v))
  (let ((items (vec-items v)) (n (vec-count v)))
    (when (= n (length items))
      (setf items (replace (make-array (* 2 n)) items)
            (vec-items v) items))
    (setf (svref items n) item
          (vec-count v) (+ n 1))))

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

;;; The graph

(defstruct (basic-block (:constructor make-basic-block (name)))
  (name 0 :type index :read-only t)
  (in-edges (make-vec) :type vec :read-only t)
  (out-edges (make-vec) :type vec :read-only t))

(defstruct (graph (:constructor make-graph ()))
  (blocks (make-hash-table) :type hash-table :read-only t))

(declaim (sb-ext:freeze-type basic-block graph))

(declaim (ftype (function (graph index) basic-block) ensure-block))
(defun ensure-block (g name)
  "The block of that name, new if need be."
  (or (values (gethash name (graph-blocks g)))
      (setf (gethash name (graph-blocks g)) (make-basic-block name))))

(defun connect (g from to)
  (let ((a (ensure-block g from)) (b (ensure-block g to)))
    (vec-push b (basic-block-out-edges a))
    (vec-push a (basic-block-in-edges b))))

;;; Loops. Their sets of blocks are small, so they are lists.

(defstruct (simple-loop (:constructor make-simple-loop (header reducible blocks)))
  (header nil :type (or null basic-block) :read-only t)
  (reducible nil :type boolean :read-only t)
  (parent nil :type (or null simple-loop))
  (nesting 0 :type index)
  (blocks '() :type list)
  (children (make-vec) :type vec :read-only t))

(declaim (sb-ext:freeze-type simple-loop))

(defstruct (loops (:constructor %make-loops (root all)))
  (root nil :type simple-loop :read-only t)
  (all nil :type vec :read-only t))

(declaim (sb-ext:freeze-type loops))

(defun make-loops ()
  (let ((root (make-simple-loop nil t '()))
        (all (make-vec)))
    (vec-push root all)
    (%make-loops root all)))

(declaim (ftype (function (loops basic-block boolean) simple-loop) create-loop))
(defun create-loop (loops header reducible)
  (let ((l (make-simple-loop header reducible (list (basic-block-name header)))))
    (vec-push l (loops-all loops))
    l))

(defun set-parent (l parent)
  (declare (type simple-loop l parent))
  (setf (simple-loop-parent l) parent)
  (vec-push l (simple-loop-children parent)))

(defun nest (l)
  (declare (type simple-loop l))
  (do-vec (child simple-loop (simple-loop-children l))
    (nest child)
    (setf (simple-loop-nesting l) (max (simple-loop-nesting l) (+ 1 (simple-loop-nesting child))))))

(defun calculate-nesting (loops)
  (declare (type loops loops))
  (do-vec (l simple-loop (loops-all loops))
    (unless (or (simple-loop-parent l) (eq l (loops-root loops)))
      (set-parent l (loops-root loops))))
  (nest (loops-root loops)))

;;; Union and find

(defstruct (node (:constructor make-node (basic-block number)))
  (basic-block nil :type basic-block :read-only t)
  (number 0 :type index :read-only t)
  (parent nil :type (or null node))
  (loop-headed nil :type (or null simple-loop)))

(declaim (sb-ext:freeze-type node))

(declaim (ftype (function (node) node) find-set))
(defun find-set (n)
  "The representative of the set; shortens the way to it."
  (let ((parent (node-parent n)))
    (if (null parent)
        n
        (let ((root (find-set parent)))
          (unless (eq root parent)
            (setf (node-parent n) root))
          root))))

;;; The analysis. Predecessors are few, so their sets are lists.

(defstruct (finder (:constructor make-finder
                       (graph loops
                        &aux (n (hash-table-count (graph-blocks graph)))
                             (nodes (make-array n :initial-element nil))
                             (last (make-array n :element-type 'fixnum :initial-element 0))
                             (header (make-array n :element-type 'fixnum :initial-element 0))
                             (kind (make-array n :initial-element :body))
                             (back-preds (make-array n :initial-element '()))
                             (non-back-preds (make-array n :initial-element '())))))
  (graph nil :type graph :read-only t)
  (loops nil :type loops :read-only t)
  (n 0 :type index :read-only t)
  (numbers (make-hash-table) :type hash-table :read-only t)
  (nodes nil :type simple-vector :read-only t)
  (last nil :type indexes :read-only t)
  (header nil :type indexes :read-only t)
  (kind nil :type simple-vector :read-only t)
  (back-preds nil :type simple-vector :read-only t)
  (non-back-preds nil :type simple-vector :read-only t))

(declaim (sb-ext:freeze-type finder))

(declaim (inline node ancestor-p number-of))
(defun node (f number)
  (declare (type index number))
  (the node (svref (finder-nodes f) number)))

(defun ancestor-p (f w v)
  (declare (type index w v))
  (<= w v (aref (finder-last f) w)))

(defun number-of (f basic-block)
  (values (the (or null index) (gethash (basic-block-name basic-block) (finder-numbers f)))))

(declaim (ftype (function (finder basic-block index) index) search-from))
(defun search-from (f basic-block number)
  "Numbers what can be reached, depth first; answers the last number given."
  (setf (svref (finder-nodes f) number) (make-node basic-block number)
        (gethash (basic-block-name basic-block) (finder-numbers f)) number)
  (let ((last number))
    (declare (type index last))
    (do-vec (target basic-block (basic-block-out-edges basic-block))
      (unless (number-of f target)
        (setf last (search-from f target (+ last 1)))))
    (setf (aref (finder-last f) number) last)))

(defun identify-edges (f)
  (declare (type finder f))
  (dotimes (w (finder-n f))
    (let ((n (svref (finder-nodes f) w)))
      (declare (type (or null node) n))
      (if (null n)
          (setf (svref (finder-kind f) w) :dead)
          (do-vec (b basic-block (basic-block-in-edges (node-basic-block n)))
            (let ((v (number-of f b)))
              (cond ((null v))
                    ((ancestor-p f w v) (push v (svref (finder-back-preds f) w)))
                    (t (pushnew v (svref (finder-non-back-preds f) w))))))))))

(defun add-predecessor (f w y pool work)
  (declare (type finder f) (type index w) (type node y) (type vec pool work))
  (cond ((not (ancestor-p f w (node-number y)))
         (setf (svref (finder-kind f) w) :irreducible)
         (pushnew (node-number y) (svref (finder-non-back-preds f) w)))
        ((and (/= (node-number y) w)
              (not (find y (vec-items pool) :end (vec-count pool) :test #'eq)))
         (vec-push y work)
         (vec-push y pool))))

(defun make-loop (f w pool)
  (declare (type finder f) (type index w) (type vec pool))
  (let* ((n (node f w))
         (reducible (not (eq (svref (finder-kind f) w) :irreducible)))
         (l (create-loop (finder-loops f) (node-basic-block n) reducible)))
    (setf (node-loop-headed n) l)
    (do-vec (member node pool)
      (setf (aref (finder-header f) (node-number member)) w
            (node-parent member) n)
      (let ((inner (node-loop-headed member)))
        (if inner
            (set-parent inner l)
            (pushnew (basic-block-name (node-basic-block member)) (simple-loop-blocks l)))))))

(defun collect (f w)
  "The body of the loop that w heads, if it heads one; false when the graph is too tangled."
  (declare (type finder f) (type index w))
  (let ((pool (make-vec)) (work (make-vec)) (kind (finder-kind f)))
    (dolist (v (svref (finder-back-preds f) w))
      (declare (type index v))
      (if (= v w)
          (setf (svref kind w) :self)
          (let ((y (find-set (node f v))))
            (vec-push y pool)
            (vec-push y work))))
    (when (plusp (vec-count pool))
      (setf (svref kind w) :reducible))
    (do-vec (x node work)
      (let ((preds (svref (finder-non-back-preds f) (node-number x))))
        (declare (type list preds))
        (when (> (length preds) +max-non-back-predecessors+)
          (return-from collect nil))
        (dolist (y preds)
          (add-predecessor f w (find-set (node f y)) pool work))))
    (when (or (plusp (vec-count pool)) (eq (svref kind w) :self))
      (make-loop f w pool))
    t))

(defun find-loops (f)
  (declare (type finder f))
  (let ((start (gethash 0 (graph-blocks (finder-graph f)))))
    (when start
      (search-from f start 0)
      (identify-edges f)
      (loop for w of-type fixnum from (- (finder-n f) 1) downto 0
            while (or (null (svref (finder-nodes f) w)) (collect f w))))))

;;; Building the graph

(declaim (ftype (function (graph index index) index) build-straight)
         (ftype (function (graph index) index) build-diamond build-base-loop))

(defun build-straight (g start n)
  (loop for i of-type index from start below (+ start n)
        do (connect g i (+ i 1)))
  (+ start n))

(defun build-diamond (g start)
  (connect g start (+ start 1))
  (connect g start (+ start 2))
  (connect g (+ start 1) (+ start 3))
  (connect g (+ start 2) (+ start 3))
  (+ start 3))

(defun build-base-loop (g start)
  (let* ((header (build-straight g start 1))
         (diamond1 (build-diamond g header))
         (d11 (build-straight g diamond1 1))
         (diamond2 (build-diamond g d11))
         (footer (build-straight g diamond2 1)))
    (connect g diamond2 d11)
    (connect g diamond1 header)
    (connect g footer start)
    (build-straight g footer 1)))

(defun build-large-graph (g outer middle inner)
  (declare (type index outer middle inner))
  (let ((n 2))
    (declare (type index n))
    (dotimes (i outer)
      (ensure-block g (+ n 1))
      (connect g 2 (+ n 1))
      (incf n)
      (dotimes (j middle)
        (let ((top n))
          (setf n (build-straight g n 1))
          (dotimes (k inner) (setf n (build-base-loop g n)))
          (let ((bottom (build-straight g n 1)))
            (connect g n top)
            (setf n bottom))))
      (connect g n 1))))

(defun havlak (dummy-loops)
  "How many loops were found, and how many nodes there are."
  (declare (type index dummy-loops))
  (let ((g (make-graph)) (loops (make-loops)))
    (ensure-block g 0)
    (build-base-loop g 0)
    (ensure-block g 1)
    (connect g 0 2)
    (dotimes (i dummy-loops) (find-loops (make-finder g loops)))
    (build-large-graph g 10 10 5)
    (find-loops (make-finder g loops))
    (dotimes (i 50) (find-loops (make-finder g (make-loops))))
    (calculate-nesting loops)
    (list (vec-count (loops-all loops)) (hash-table-count (graph-blocks g)))))

(defun known (dummy-loops)
  (ecase dummy-loops (1 1605) (15 1647) (150 2052) (1500 6102) (15000 46602)))

(defun main (&optional (iterations 1) (dummy-loops 1))
  (declare (fixnum iterations))
  (dotimes (i iterations)
    (assert (equal (list (known dummy-loops) 5213) (havlak dummy-loops))))
  (write-line "Havlak verified"))

(apply #'main (mapcar #'parse-integer (rest sb-ext:*posix-argv*)))
