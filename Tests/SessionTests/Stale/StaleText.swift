// The text of a program whose layouts change.

extension StaleTypes {
  func literal(_ value: StaleValue) -> String {
    switch value {
    case .int(let n): return "\(n)"
    case .small(let n): return "\(n)u8"
    case .float(let n): return "\(n).5"
    case .string(let text): return "\"\(text)\""
    case .aggregate(let aggregate):
      let parts = aggregate.parts.map { " " + literal($0.value) }.joined()
      switch aggregate.type {
      case .tuple: return "(tuple\(parts))"
      case .option, .result: return "(: \(parts.isEmpty ? aggregate.caseName : "(\(aggregate.caseName)\(parts))") \(text(aggregate.type)))"
      case .named(let id, let arguments):
        let form = aggregate.caseName.isEmpty ? "(\(self[id].name)\(parts))" : parts.isEmpty ? aggregate.caseName : "(\(aggregate.caseName)\(parts))"
        return arguments.isEmpty ? form : "(: \(form) \(text(aggregate.type)))"
      default: return "?"
      }
    case .object(let object):
      let parts = object.parts.map { " " + literal($0.value) }.joined()
      switch object.type {
      case .vector: return "(: (vec\(parts)) \(text(object.type)))"
      case .map: return "(: (map-of\(zip(object.keys, object.parts).map { " \(literal($0)) \(literal($1.value))" }.joined())) \(text(object.type)))"
      case .named(let id, let arguments):
        let form = "(\(self[id].name)\(parts))"
        return arguments.isEmpty ? form : "(: \(form) \(text(object.type)))"
      default: return "?"
      }
    }
  }

  private func field(_ field: StaleField, isMutable: Bool) -> String {
    let standard = field.standard.map { " = " + literal($0) } ?? ""
    return "\(isMutable ? "mut " : "")\(field.name): \(text(field.type))\(standard)\(field.was.map { " :was \($0)" } ?? "")"
  }

  func text(_ definition: StaleDefinition) -> String {
    let head = definition.isGeneric ? "(\(definition.name) a)" : definition.name
    switch definition.kind {
    case .structure: return "(defstruct \(head) [\(definition.fields.map { field($0, isMutable: false) }.joined(separator: " "))])"
    case .record: return "(defrecord \(head) [\(definition.fields.map { field($0, isMutable: true) }.joined(separator: " "))])"
    case .enumeration:
      let cases = definition.cases.map { c in
        c.fields.isEmpty ? c.name : "(\(c.name) \(c.fields.map { field($0, isMutable: false) }.joined(separator: " ")))"
      }
      return "(defenum \(head) \(cases.joined(separator: " ")))"
    }
  }
}

extension StaleProgram {
  var text: String {
    var out = ""
    for definition in types.definitions { out += types.text(definition) + "\n" }
    out += """
      (defvar go: Bool true)
      (defn zero [] -> Int (if go 0 0))
      (defn noted [n: Int x: a] -> a (println "init" n) x)
      (defn pass [x: a] -> a x)
      (defn both [x: a] -> (Tuple a a) (tuple x x))
      (defn inner-start [] -> Int 0)
      (defn inner-step [n: Int] -> Bool go)
      (defn waits [] -> String (live-loop inner-start inner-step) "waited")
      (defn outer-step [n: Int] -> Bool (println "frames" (frame0)) true)
      (defn main [] -> Unit (live-loop inner-start outer-step))

      """
    for frame in frames { out += text(frame) + "\n" }
    for holder in holders { out += text(holder) + "\n" }
    for probe in probes { out += "(defn p\(probe.id) [] -> String \(expression(probe)))\n" }
    return out
  }

  private func text(_ frame: StaleFrame) -> String {
    let (a, b, c) = (frame.values[0], frame.values[1], frame.values[2])
    let next = frame.id + 1 < frames.count ? "(frame\(frame.id + 1))" : "(waits)"
    let n = frame.id
    return """
      (defn join\(n) [c: \(types.text(c.type)) s: String a: \(types.text(a.type)) b: String] -> String (str s " | " (show c) " " (show a) " " b))
      (defn frame\(n) [] -> String
        (println "made" \(n))
        (let [a \(types.literal(a.template)) mut b \(types.literal(b.template)) see (fn [] (show b))]
          (join\(n) \(types.literal(c.template)) \(next) a (see))))
      """
  }

  func type(_ holder: StaleHolder) -> String {
    let own = types.text(holder.of.type)
    switch holder.kind {
    case .value, .alias: return own
    case .closure(.shows), .closure(.counts): return "(Fn [] String)"
    case .closure(.takes): return "(Fn [\(own)] String)"
    case .closure(.gives): return "(Fn [] \(own))"
    }
  }

  private func text(_ holder: StaleHolder) -> String {
    let n = holder.id
    let own = types.text(holder.of.type)
    var out = ""
    var initial = types.literal(holder.of.template)
    switch holder.kind {
    case .value: break
    case .alias(let other): initial = "v\(other)"
    case .closure(let closure):
      let tail = holder.variant == 0 ? "" : " \"\""
      let body = switch closure {
      case .shows: "(fn [] (str (show x)\(tail)))"
      case .counts: "(let [mut c x mut n 0] (fn [] (let [s (str (show c)\(tail))] (set! n (+ n 1)) (str n \" \" s))))"
      case .takes: "(fn [y: \(own)] (str (show x) \" \" (show y)\(tail)))"
      case .gives: holder.variant == 0 ? "(fn [] x)" : "(fn [] (pass x))"
      }
      out = "(defn make\(n) [x: \(own)] -> \(type(holder)) \(body))\n"
      initial = "(make\(n) \(holder.shared.map { "v\($0)" } ?? initial))"
    }
    return out + "(defvar v\(n): \(type(holder)) (noted \(n) \(initial)))"
  }

  // MARK: Reads

  private func path(_ probe: StaleProbe) -> String {
    var out = "v\(probe.holder)"
    for step in probe.steps {
      switch step {
      case .field(let name): out = "(.\(name) \(out))"
      case .nth(let i): out = "(nth \(out) \(i))"
      case .unwrap: out = "(unwrap \(out))"
      case .get(let key): out = "(unwrap (get \(out) \"\(key)\"))"
      case .part(let i, let count):
        out = "(match \(out) (tuple \((0..<count).map { $0 == i ? "q" : "_" }.joined(separator: " "))) q)"
      case .casePart(let name, let i, let count):
        out = "(match \(out) (\(name) \((0..<count).map { $0 == i ? "q" : "_" }.joined(separator: " "))) q _ (panic \"another case\"))"
      }
    }
    return out
  }

  func expression(_ probe: StaleProbe) -> String {
    let x = path(probe)
    let type = types.text(probe.type)
    switch probe.action {
    case .show: return "(show \(x))"
    case .passed: return "(show (both (pass \(x))))"
    case .cases:
      let clauses = types.rows(probe.type).map { row in
        let names = row.fields.indices.map { "q\($0)" }
        let pattern = row.fields.isEmpty ? row.name : "(\(row.name) \(names.joined(separator: " ")))"
        return "\(pattern) (str \"\(row.name)\"\(names.map { " \" \" (show \($0))" }.joined()))"
      }
      return "(match \(x) \(clauses.joined(separator: " ")))"
    case .with(let name, let new): return "(show (with \(x) :\(name) \(types.literal(new))))"
    case .set(let name, let new): return "(let [r \(x)] (set! (.\(name) r) \(types.literal(new))) (show (.\(name) r)))"
    case .push(let new): return "(let [r \(x)] (push! r \(types.literal(new))) (show (len r)))"
    case .rebuilt:
      guard case .named(let id, _) = probe.type else { return "\"\"" }
      let parts = types[id].fields.map { " (.\($0.name) r)" }.joined()
      return "(let [r \(x) c: \(type) (\(types[id].name)\(parts))] (show (tuple (= c r) (= (hash c) (hash r)))))"
    case .find(let key): return "(show (some? (get \(x) \(types.literal(key)))))"
    case .keys: return "(let [m \(x)] (show (map (fn [k] (get m k)) (keys m))))"
    case .length: return "(show (len \(x)))"
    case .walked: return "(let [mut out \"\"] (for [e \(x)] (set! out (str out (show e) \";\"))) out)"
    case .copied(let how):
      switch how {
      case 0: return "(show (copy \(x)))"
      case 1: return "(show (reverse (reverse \(x))))"
      case 2: return "(show (concat \(x) (vec)))"
      case 3: return "(show (filter (fn [e] true) \(x)))"
      case 4: return "(show (slice \(x) 0 (len \(x))))"
      case 5: return "(show (map (fn [(tuple e f)] e) (zip \(x) \(x))))"
      default: return "(show (fold (fn [out: \(type) e] (do (push! out e) out)) (: (vec) \(type)) \(x)))"
      }
    case .same(let other): return "(show (same? \(x) v\(other)))"
    case .call(let argument):
      guard let holder = holders.first(where: { $0.id == probe.holder }), case .closure(let closure) = holder.kind else { return "\"\"" }
      switch closure {
      case .shows, .counts: return "(\(x))"
      case .gives: return "(show (\(x)))"
      case .takes: return "(\(x) \(argument.map(types.literal) ?? ""))"
      }
    }
  }
}
