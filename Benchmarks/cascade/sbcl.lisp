;;; What the edits of `lang-bench cascade` cost in one SBCL process: the texts concerned are read and compiled natively, as
;;; `load` of a source file does. Nothing tells which those are; here they are known. Prints one JSON line for each edit.
;;; usage: sbcl --script sbcl.lisp

(defun nanoseconds ()
  (multiple-value-bind (seconds nanoseconds) (sb-unix::clock-gettime 1) ; CLOCK_MONOTONIC
    (+ (* seconds 1000000000) nanoseconds)))

(defun take (texts)
  "Loads texts, each of one form."
  (handler-bind ((warning #'muffle-warning)
                 ;; An incompatible DEFSTRUCT.
                 (error (lambda (condition)
                          (declare (ignore condition))
                          (let ((restart (or (find-restart 'sb-kernel::recklessly-continue) (find-restart 'continue))))
                            (when restart (invoke-restart restart))))))
    (let ((*error-output* (make-broadcast-stream)))
      (dolist (text texts)
        (with-input-from-string (stream text) (load stream))))))

(defun measure (key name note seconds make)
  "MAKE answers the texts of an edit by its number."
  (let ((times '()) (end (+ (nanoseconds) (* seconds 1000000000))))
    (take (funcall make 0))
    (loop for edit from 1 to 300
          while (or (<= edit 3) (< (nanoseconds) end))
          do (let ((texts (funcall make edit)) (start (nanoseconds)))
               (take texts)
               (push (/ (- (nanoseconds) start) 1000d0) times)))
    (let* ((sorted (sort (coerce times 'vector) #'<)) (edits (length sorted)))
      (flet ((percentile (p) (aref sorted (1- (ceiling (* edits p) 100)))))
        (format t "{\"key\":\"~A\",\"name\":\"~A\",\"edits\":~D,\"p50\":~,2F,\"p99\":~,2F,\"note\":\"~A\"}~%"
                key name edits (percentile 50) (percentile 99) note)
        (finish-output)))))

(defun caller (name call number)
  (format nil "(defun ~A (x)
  (declare (fixnum x))
  (let* ((a ~A)
         (b (if (> a 100) (- a 100) (* a 2))))
    (declare (fixnum a b))
    (+ a b ~D)))" name call number))

(defun callers (count make)
  (loop for i below count collect (funcall make i)))

(measure "body" "sbcl" "" 2
         (lambda (edit)
           (list (format nil "(defun steer (x y speed limit)
  (declare (double-float x y speed limit))
  (let* ((dx (- 320d0 x))
         (dy (- 240d0 y))
         (d2 (+ (* dx dx) (* dy dy) ~D.5d0))
         (pull (/ speed d2)))
    (when (> pull limit)
      (setf pull limit))
    (+ x (* dx pull)
       y (* dy pull))))" edit))))

(dolist (users '(10 100 1000))
  (measure (format nil "signature-~D" users) "sbcl" "callers are not looked at" 1
           (lambda (edit)
             (list (if (oddp edit)
                       (format nil "(defun signed-~D (x) (declare (fixnum x)) (+ x ~D))" users edit)
                       (format nil "(defun signed-~D (x &optional (by ~D)) (declare (fixnum x by)) (+ x by))" users edit))))))

(dolist (users '(10 100 1000))
  (measure (format nil "calls-~D" users) "sbcl" "" 1
           (lambda (edit)
             (cons (if (oddp edit)
                       (format nil "(defun needed-~D (x) (declare (fixnum x)) (+ x ~D))" users edit)
                       (format nil "(defun needed-~D (x by) (declare (fixnum x by)) (+ x by ~D))" users edit))
                   (callers users
                            (lambda (i)
                              (caller (format nil "needed-~D-~D" users i)
                                      (if (oddp edit)
                                          (format nil "(needed-~D (+ x ~D))" users i)
                                          (format nil "(needed-~D (+ x ~D) 3)" users i))
                                      i)))))))

(defun tank-users (class)
  (callers 1000 (lambda (i)
                  (caller (format nil "~A-~D" class i)
                          (if (zerop (mod i 4))
                              (format nil "(~A-heat (make-~A :fuel x :heat ~D))" class class i)
                              (format nil "(let ((it (make-~A :fuel ~D :heat x))) (setf (~A-fuel it) x) (+ (~A-fuel it) (~A-heat it)))"
                                      class i class class class))
                          i))))

(let ((users (tank-users "tank")))
  (measure "field" "sbcl defstruct" "and its users compiled again" 1
           (lambda (edit)
             (cons (format nil "(defstruct tank (fuel 0 :type fixnum) (heat 0 :type fixnum)~A)"
                           (if (oddp edit) "" (format nil " (load ~D :type fixnum)" edit)))
                   users))))

(take (list "(defclass car () ((fuel :initarg :fuel :accessor car-fuel) (heat :initarg :heat :accessor car-heat)))"
            "(defun make-car (&key fuel heat) (make-instance 'car :fuel fuel :heat heat))"))
(defvar *cars* (loop repeat 10 collect (make-instance 'car :fuel 1 :heat 2)))
(measure "field" "sbcl defclass" "users and objects follow when they are met" 1
         (lambda (edit)
           (list (format nil "(defclass car () ((fuel :initarg :fuel :accessor car-fuel) (heat :initarg :heat :accessor car-heat)~A))"
                         (if (oddp edit) "" (format nil " (load :initform ~D)" edit)))
                 "(dolist (car *cars*) (setf (car-fuel car) (car-heat car)))")))

(flet ((macro (key body)
         (take (list (format nil "(defmacro ~A (x) ~A)" key (funcall body 0))))
         (let ((users (callers 1000 (lambda (i) (caller (format nil "~A-~D" key i) (format nil "(~A (+ x ~D))" key i) i)))))
           (measure key "sbcl" "and its users compiled again" 1
                    (lambda (edit) (cons (format nil "(defmacro ~A (x) ~A)" key (funcall body (1+ edit))) users))))))
  (macro "macro-same" (lambda (edit) (format nil "(let ((k ~D)) (declare (ignore k)) `(* 2 (+ ,x 1)))" edit)))
  (macro "macro-other" (lambda (edit) (format nil "`(* 2 (+ ,x ~D))" edit))))

(measure "constant" "sbcl" "defparameter: users look it up" 1
         (lambda (edit) (list (format nil "(defparameter *gravity* ~D)" (+ edit 10)))))

(flet ((type-text (edit) (format nil "(deftype order () '(member halt move turn~A))" (if (oddp edit) "" " fire"))))
  (take (list (type-text 1)))
  (let ((users (callers 100 (lambda (i)
                              (caller (format nil "obey-~D" i)
                                      (format nil "(let ((order (if (> x 3) 'move 'halt))) (declare (type order order)) (case order (move x) (halt ~D) (t 0)))" i)
                                      i)))))
    (measure "case" "sbcl deftype" "and its users compiled again" 1
             (lambda (edit) (cons (type-text edit) users)))))
