;;; Martin Richards' simulation of an operating system's kernel: six tasks pass packets to each other.

(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(defconstant +idler+ 0)
(defconstant +worker+ 1)
(defconstant +handler-a+ 2)
(defconstant +handler-b+ 3)
(defconstant +device-a+ 4)
(defconstant +device-b+ 5)

(defconstant +data-size+ 4)

(deftype identity-number () '(integer 0 5))
(deftype small () '(integer 0 1000000))

;;; Packets

(defstruct (packet (:constructor make-packet (link identity kind)))
  (link nil :type (or null packet))
  (identity 0 :type identity-number)
  (kind :work :type (member :device :work) :read-only t)
  (datum 0 :type small)
  (data (make-array +data-size+ :element-type 'fixnum :initial-element 0)
   :type (simple-array fixnum (#.+data-size+)) :read-only t))

(declaim (sb-ext:freeze-type packet))

(declaim (ftype (function (packet (or null packet)) packet) append-packet))
(defun append-packet (p queue)
  "The queue with the packet at its end."
  (setf (packet-link p) nil)
  (if (null queue)
      p
      (let ((last queue))
        (declare (type packet last))
        (loop
          (let ((next (packet-link last)))
            (when (null next) (return))
            (setf last next)))
        (setf (packet-link last) p)
        queue)))

;;; Tasks

(defstruct (task (:constructor make-task (link identity priority input packet-pending waiting act)))
  (link nil :type (or null task) :read-only t)
  (identity 0 :type identity-number :read-only t)
  (priority 0 :type small :read-only t)
  (input nil :type (or null packet))
  (packet-pending nil :type boolean)
  (waiting nil :type boolean)
  (holding nil :type boolean)
  (act nil :type function :read-only t))

(declaim (sb-ext:freeze-type task))

(declaim (inline holding-or-waiting-p waiting-with-packet-p))
(defun holding-or-waiting-p (task)
  (or (task-holding task) (and (not (task-packet-pending task)) (task-waiting task))))

(defun waiting-with-packet-p (task)
  (and (task-packet-pending task) (task-waiting task) (not (task-holding task))))

(declaim (ftype (function (task) packet) take-packet))
(defun take-packet (task)
  (let ((message (the packet (task-input task))))
    (setf (task-input task) (packet-link message)
          (task-packet-pending task) (if (task-input task) t nil)
          (task-waiting task) nil
          (task-holding task) nil)
    message))

(declaim (ftype (function (task) (or null task)) run-task))
(defun run-task (task)
  "Answers which task is next."
  (values (funcall (task-act task) (if (waiting-with-packet-p task) (take-packet task) nil))))

(declaim (ftype (function (task packet task) task) add-input))
(defun add-input (task p current)
  "Answers who goes on: the receiver, if it is more urgent."
  (cond ((task-input task)
         (setf (task-input task) (append-packet p (task-input task)))
         current)
        (t
         (setf (task-input task) p
               (task-packet-pending task) t)
         (if (> (task-priority task) (task-priority current)) task current))))

;;; The scheduler

(defstruct (scheduler (:constructor make-scheduler ()))
  (tasks nil :type (or null task))
  (current nil :type (or null task))
  (current-identity 0 :type identity-number)
  (table (make-array 6 :initial-element nil) :type (simple-vector 6) :read-only t)
  (queued 0 :type fixnum)
  (held 0 :type fixnum))

(declaim (sb-ext:freeze-type scheduler))

(declaim (ftype (function (scheduler) task) current) (inline current))
(defun current (s)
  (the task (scheduler-current s)))

(declaim (ftype (function (scheduler identity-number) task) find-task) (inline find-task))
(defun find-task (s identity)
  (or (the (or null task) (svref (scheduler-table s) identity))
      (error "no such task")))

(declaim (ftype (function (scheduler) (or null task)) hold))
(defun hold (s)
  (let ((task (current s)))
    (incf (scheduler-held s))
    (setf (task-holding task) t)
    (task-link task)))

(declaim (ftype (function (scheduler) task) wait))
(defun wait (s)
  (let ((task (current s)))
    (setf (task-waiting task) t)
    task))

(declaim (ftype (function (scheduler identity-number) task) release))
(defun release (s identity)
  (let ((task (find-task s identity))
        (current (current s)))
    (setf (task-holding task) nil)
    (if (> (task-priority task) (task-priority current)) task current)))

(declaim (ftype (function (scheduler packet) task) queue-packet))
(defun queue-packet (s p)
  (let ((task (find-task s (packet-identity p))))
    (incf (scheduler-queued s))
    (setf (packet-link p) nil
          (packet-identity p) (scheduler-current-identity s))
    (add-input task p (current s))))

(defun schedule (s)
  (declare (type scheduler s))
  (setf (scheduler-current s) (scheduler-tasks s))
  (loop
    (let ((task (scheduler-current s)))
      (cond ((null task) (return))
            ((holding-or-waiting-p task)
             (setf (scheduler-current s) (task-link task)))
            (t
             (setf (scheduler-current-identity s) (task-identity task)
                   (scheduler-current s) (run-task task)))))))

(defun add-task (s identity priority input running act)
  (declare (type scheduler s))
  (let ((task (make-task (scheduler-tasks s) identity priority input (if input t nil) (not running) act)))
    (setf (scheduler-tasks s) task
          (svref (scheduler-table s) identity) task)))

;;; What the tasks do. Each has its data in its closure.

(defun add-idler (s)
  (let ((control 1) (count 10000))
    (declare (type (unsigned-byte 16) control) (fixnum count))
    (add-task s +idler+ 0 nil t
              (lambda (work)
                (declare (ignore work))
                (decf count)
                (cond ((zerop count) (hold s))
                      ((evenp control)
                       (setf control (ash control -1))
                       (release s +device-a+))
                      (t
                       (setf control (logxor (ash control -1) 53256))
                       (release s +device-b+)))))))

(defun add-worker (s input)
  (let ((destination +handler-a+) (count 0))
    (declare (type identity-number destination) (type (integer 0 26) count))
    (add-task s +worker+ 1000 input nil
              (lambda (p)
                (declare (type (or null packet) p))
                (cond ((null p) (wait s))
                      (t
                       (setf destination (if (= destination +handler-a+) +handler-b+ +handler-a+)
                             (packet-identity p) destination
                             (packet-datum p) 0)
                       (dotimes (i +data-size+)
                         (setf count (if (= count 26) 1 (+ count 1))
                               (aref (packet-data p) i) (+ 64 count)))
                       (queue-packet s p)))))))

(defun add-handler (s identity priority input)
  (let ((work-in nil) (device-in nil))
    (declare (type (or null packet) work-in device-in))
    (add-task s identity priority input nil
              (lambda (arrived)
                (declare (type (or null packet) arrived))
                (when arrived
                  (ecase (packet-kind arrived)
                    (:work (setf work-in (append-packet arrived work-in)))
                    (:device (setf device-in (append-packet arrived device-in)))))
                (let ((p work-in) (device device-in))
                  (cond ((null p) (wait s))
                        ((>= (packet-datum p) +data-size+)
                         (setf work-in (packet-link p))
                         (queue-packet s p))
                        ((null device) (wait s))
                        (t
                         (setf device-in (packet-link device)
                               (packet-datum device) (aref (packet-data p) (packet-datum p)))
                         (incf (packet-datum p))
                         (queue-packet s device))))))))

(defun add-device (s identity priority)
  (let ((pending nil))
    (declare (type (or null packet) pending))
    (add-task s identity priority nil nil
              (lambda (arrived)
                (declare (type (or null packet) arrived))
                (let ((p pending))
                  (cond (arrived
                         (setf pending arrived)
                         (hold s))
                        ((null p) (wait s))
                        (t
                         (setf pending nil)
                         (queue-packet s p))))))))

(defun device-packets (identity)
  (let ((queue nil))
    (dotimes (i 3 queue)
      (setf queue (make-packet queue identity :device)))))

(defun richards ()
  "How many packets were queued, and how often a task was held."
  (let ((s (make-scheduler)))
    (add-idler s)
    (add-worker s (make-packet (make-packet nil +worker+ :work) +worker+ :work))
    (add-handler s +handler-a+ 2000 (device-packets +device-a+))
    (add-handler s +handler-b+ 3000 (device-packets +device-b+))
    (add-device s +device-a+ 4000)
    (add-device s +device-b+ 5000)
    (schedule s)
    (list (scheduler-queued s) (scheduler-held s))))

(defun main (&optional (iterations 1) (inner 1))
  (declare (fixnum iterations inner))
  (dotimes (i (* iterations inner))
    (assert (equal '(23246 9297) (richards))))
  (write-line "Richards verified"))

(apply #'main (mapcar #'parse-integer (rest sb-ext:*posix-argv*)))
