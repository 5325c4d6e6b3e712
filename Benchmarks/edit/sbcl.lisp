;;; New text of a ten-line function to callable, in one SBCL process: the evaluator, then the native
;;; compiler. Prints one JSON line for each.
;;; usage: sbcl --script sbcl.lisp [EDITS]

(defun text (i)
  (format nil "(lambda (x y speed limit)
  (declare (double-float x y speed limit))
  (let* ((dx (- 320d0 x))
         (dy (- 240d0 y))
         (d2 (+ (* dx dx) (* dy dy) ~D.5d0))
         (pull (/ speed d2)))
    (when (> pull limit)
      (setf pull limit))
    (+ x (* dx pull)
       y (* dy pull))))" i))

(defun nanoseconds ()
  (multiple-value-bind (seconds nanoseconds) (sb-unix::clock-gettime 1) ; CLOCK_MONOTONIC
    (+ (* seconds 1000000000) nanoseconds)))

(defun interpret (form)
  (let ((sb-ext:*evaluator-mode* :interpret))
    (eval form)))

(defun compile-native (form)
  (compile nil form))

(declaim (ftype function steer))

(defvar *next* 0)

(defun measure (name note warmup edits make)
  (let ((times '()))
    (dotimes (n (+ warmup edits))
      (let* ((i (incf *next*))
             (source (text i))
             (start (nanoseconds)))
        (setf (fdefinition 'steer) (funcall make (read-from-string source)))
        (let ((time (/ (- (nanoseconds) start) 1000d0)))
          (assert (= 560 (steer 320d0 240d0 (+ i 0.5d0) 2d0)))
          (when (>= n warmup) (push time times)))))
    (let ((sorted (sort (coerce times 'vector) #'<)))
      (flet ((percentile (p) (aref sorted (1- (ceiling (* edits p) 100)))))
        (format t "{\"name\":\"~A\",\"edits\":~D,\"p50\":~,2F,\"p99\":~,2F,\"note\":\"~A\"}~%"
                name edits (percentile 50) (percentile 99) note)
        (finish-output)))))

(let* ((argument (second sb-ext:*posix-argv*))
       (edits (if argument (parse-integer argument) 5000)))
  (measure "sbcl eval" "untyped, interpreted" 500 edits #'interpret)
  ;; Two milliseconds each: fewer texts keep the run short.
  (measure "sbcl compile" "declared types, native" 50 (min edits 2000) #'compile-native))
