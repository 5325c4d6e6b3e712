;;; Reads a message of a web toolkit's protocol, in JSON, and looks at its head and its 156 operations.

(declaim (optimize (speed 3) (safety 1)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(deftype index () '(integer 0 1000000000))
(deftype text () '(simple-array character (*)))

(defstruct (generator (:constructor make-generator ()))
  (seed 74755 :type (unsigned-byte 17)))

(defun below (g n)
  (declare (type generator g) (type (integer 1 1000) n))
  (setf (generator-seed g) (logand (+ (* (generator-seed g) 1309) 13849) 65535))
  (rem (generator-seed g) n))

;;; The message

(defun operation (g i)
  (ecase (below g 5)
    (0 (format nil "[\"destroy\",\"w~D\"]" i))
    (1 (format nil "[\"set\",\"w~D\",{\"activeControl\":\"w~D\",\"visible\":true,\"data\":null}]"
               i (below g 99)))
    (2 (format nil "[\"set\",\"w~D\",{\"bounds\":[~D,~D,100,~D],\"opacity\":0.~D,\"zoom\":1.5e~D}]"
               i (below g 900) (below g 700) (below g 50) (below g 99) (below g 9)))
    (3 (format nil "[\"create\",\"w~D\",\"rwt.widgets.Button\",{\"parent\":\"w~D\",~
                    \"style\":[\"PUSH\",\"FLAT\"],\"tabIndex\":-1,~
                    \"text\":\"Line ~D\\n\\\"quoted\\\" \\u00e4\"}]"
               i (below g 99) (below g 99)))
    (4 (format nil "[\"listen\",\"w~D\",{\"Selection\":true,\"Modify\":false,\"keys\":[{\"code\":~D},[]]}]"
               i (below g 99)))))

(defun message ()
  (let* ((g (make-generator))
         (operations (loop for i below 156 collect (operation g i))))
    (coerce (format nil "{\"head\":{\"requestCounter\":4}, \"operations\":[~{~A~^,~% ~}]}" operations)
            'text)))

;;; The parser. Arrays become vectors, objects hash tables, and the three words keywords.

(defstruct (parser (:constructor make-parser (text)))
  (text nil :type text :read-only t)
  (at 0 :type index))

(declaim (sb-ext:freeze-type generator parser))

(declaim (ftype (function (parser) t) parse-value))

(declaim (inline current advance accept at-digit-p))
(defun current (p)
  (let ((text (parser-text p)) (at (parser-at p)))
    (if (< at (length text)) (schar text at) #\Nul)))

(defun advance (p)
  (incf (parser-at p)))

(defun accept (p c)
  (when (char= (current p) c)
    (advance p)
    t))

(defun expect (p c)
  (declare (type parser p) (character c))
  (unless (accept p c)
    (error "expected ~C at ~D" c (parser-at p))))

(declaim (ftype (function (parser index) text) taken))
(defun taken (p from)
  "The text from there to here."
  (subseq (parser-text p) from (parser-at p)))

(defun skip-blanks (p)
  (declare (type parser p))
  (loop while (case (current p) ((#\Space #\Tab #\Newline #\Return) t))
        do (advance p)))

(defun parse-word (p word value)
  (declare (type parser p) (simple-string word))
  (loop for c across word do (expect p c))
  value)

(declaim (inline parse-sequence))
(defun parse-sequence (p item close)
  "What `item` reads, separated by commas, up to the closing character."
  (declare (type parser p) (type function item) (character close))
  (advance p)
  (skip-blanks p)
  (unless (accept p close)
    (loop
      (skip-blanks p)
      (funcall item)
      (skip-blanks p)
      (unless (accept p #\,)
        (return (expect p close))))))

(defun joined (parts)
  (let ((result (make-string (loop for part of-type text in parts sum (length part) of-type index)))
        (at 0))
    (declare (type index at))
    (dolist (part parts result)
      (declare (type text part))
      (replace result part :start1 at)
      (incf at (length part)))))

(declaim (ftype (function (parser) character) parse-escape))
(defun parse-escape (p)
  (let ((c (current p)))
    (advance p)
    (case c
      ((#\" #\/ #\\) c)
      (#\b #\Backspace)
      (#\f #\Page)
      (#\n #\Newline)
      (#\r #\Return)
      (#\t #\Tab)
      (#\u (let ((start (parser-at p)))
             (incf (parser-at p) 4)
             (code-char (the (unsigned-byte 16)
                             (parse-integer (parser-text p) :start start :end (parser-at p) :radix 16)))))
      (t (error "bad escape at ~D" (parser-at p))))))

(declaim (ftype (function (parser) text) parse-string))
(defun parse-string (p)
  (expect p #\")
  (let ((parts '()) (start (parser-at p)))
    (declare (type index start))
    (loop
      (case (current p)
        (#\" (return))
        (#\Nul (error "the string does not end"))
        (#\\ (push (taken p start) parts)
         (advance p)
         (push (make-string 1 :initial-element (parse-escape p)) parts)
         (setf start (parser-at p)))
        (t (advance p))))
    (let ((end (taken p start)))
      (advance p)
      (if (null parts)
          end
          (joined (nreverse (cons end parts)))))))

(defun parse-array (p)
  (let ((items '()))
    (parse-sequence p (lambda () (push (parse-value p) items)) #\])
    (coerce (nreverse items) 'simple-vector)))

(defun parse-object (p)
  (let ((members (make-hash-table :test 'equal)))
    (parse-sequence p
                    (lambda ()
                      (let ((name (parse-string p)))
                        (skip-blanks p)
                        (expect p #\:)
                        (skip-blanks p)
                        (setf (gethash name members) (parse-value p))))
                    #\})
    members))

(defun at-digit-p (p)
  (char<= #\0 (current p) #\9))

(declaim (ftype (function (parser &optional unsigned-byte) (values unsigned-byte index)) parse-digits))
(defun parse-digits (p &optional (before 0))
  "The number that the digits make behind those before, and how many they are."
  (declare (type parser p))
  (unless (at-digit-p p) (error "expected a digit at ~D" (parser-at p)))
  (let ((start (parser-at p)) (number before))
    (declare (unsigned-byte number))
    (loop while (at-digit-p p)
          do (setf number (+ (* 10 number) (- (char-code (current p)) 48)))
             (advance p))
    (values number (- (parser-at p) start))))

(declaim (ftype (function (integer fixnum) double-float) scaled))
(defun scaled (number exponent)
  "The float next to the number times that power of ten."
  (if (and (typep number '(integer #.(- (expt 2 53)) #.(expt 2 53))) (<= -22 exponent 22))
      ; Both are exact, so that only one operation rounds.
      (let ((power (svref (load-time-value (coerce (loop for i to 22 collect (float (expt 10 i) 1d0))
                                                   'simple-vector))
                          (abs exponent))))
        (declare (double-float power))
        (if (minusp exponent)
            (/ (float number 1d0) power)
            (* (float number 1d0) power)))
      (coerce (* number (expt 10 exponent)) 'double-float)))

(defun parse-number (p)
  (declare (type parser p))
  (let ((negative (accept p #\-)) (exponent 0))
    (declare (fixnum exponent))
    (let ((number (values (parse-digits p))))
      (when (accept p #\.)
        (multiple-value-bind (longer digits) (parse-digits p number)
          (setf number longer)
          (decf exponent digits)))
      (when (or (accept p #\e) (accept p #\E))
        (let ((minus (and (not (accept p #\+)) (accept p #\-)))
              (power (the index (values (parse-digits p)))))
          (if minus (decf exponent power) (incf exponent power))))
      (scaled (if negative (- number) number) exponent))))

(defun parse-value (p)
  (case (current p)
    (#\n (parse-word p "null" :null))
    (#\t (parse-word p "true" :true))
    (#\f (parse-word p "false" :false))
    (#\" (parse-string p))
    (#\[ (parse-array p))
    (#\{ (parse-object p))
    (t (parse-number p))))

(defun parse-document (p)
  (declare (type parser p))
  (skip-blanks p)
  (let ((value (parse-value p)))
    (skip-blanks p)
    (unless (= (parser-at p) (length (parser-text p)))
      (error "more text at ~D" (parser-at p)))
    value))

(defun right-p (value)
  (and (hash-table-p value)
       (hash-table-p (gethash "head" value))
       (let ((operations (gethash "operations" value)))
         (and (simple-vector-p operations) (= 156 (length operations))))))

(defun main (&optional (iterations 1) (inner 1))
  (declare (fixnum iterations inner))
  (let ((text (message)))
    (dotimes (i (* iterations inner))
      (assert (right-p (parse-document (make-parser text))))))
  (write-line "Json verified"))

(apply #'main (mapcar #'parse-integer (rest sb-ext:*posix-argv*)))
