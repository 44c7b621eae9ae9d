import FoundationEssentials
import PurchaseSimulation
import SQLCore
import SagaChoreography
import Synchronization
import Testing

/// A deliberate mistake, which the simulation must find. The product is not touched: what differs is a statement on its way to
/// the database, an event on its way into the outbox, or a port.
struct Mutant: Sendable, CustomTestStringConvertible {
    /// What was done wrong, as a sentence.
    let mistake: String
    let planted: Planted
    /// How often the mistake took effect; a mistake that never does proves nothing.
    let effects: Effects

    var testDescription: String { mistake }

    /// How often each part of a mistake took effect; several threads share it.
    final class Effects: Sendable {
        private let counts = Mutex<[Int: Int]>([:])
        func note(_ part: Int = 0) { counts.withLock { $0[part, default: 0] += 1 } }

        /// The parts, of so many, that never took effect.
        func idle(of parts: Int) -> [Int] { counts.withLock { counts in (0..<parts).filter { counts[$0] == nil } } }
    }

    /// How many parts the mistake has, each of which must take effect.
    let parts: Int

    init(_ mistake: String, parts: Int = 1, _ plant: (inout Planted, Effects) -> Void) {
        self.mistake = mistake
        self.parts = parts
        let effects = Effects()
        var planted = Planted()
        plant(&planted, effects)
        self.planted = planted
        self.effects = effects
    }

    /// A mistake in statements.
    init(_ mistake: String, _ rules: Rule...) {
        self.init(mistake, parts: rules.count) { planted, effects in
            planted.statement = { statement in
                var changed: SQLStatement? = statement
                for (part, rule) in rules.enumerated() {
                    guard let current = changed, rule.applies(current) else { continue }
                    effects.note(part)
                    changed = rule.change(current)
                }
                return changed
            }
        }
    }
}

/// How a mistake changes statements.
struct Rule: Sendable {
    let applies: @Sendable (SQLStatement) -> Bool
    /// `nil`: the statement is left out.
    let change: @Sendable (SQLStatement) -> SQLStatement?

    /// Other words in statements that contain `old`, and `context` too.
    static func words(_ old: String, _ new: String, in context: String = "") -> Rule {
        Rule {
            $0.text.contains(old) && (context.isEmpty || $0.text.contains(context))
        } change: {
            SQLStatement($0.text.replacing(old, with: new), values: $0.values)
        }
    }

    /// Statements that contain `words`, and bind `value` if one is given, are not run.
    static func leftOut(_ words: String, binding value: String? = nil) -> Rule {
        Rule { statement in
            statement.text.contains(words) && (value.map { statement.values.contains(.text($0)) } ?? true)
        } change: { _ in
            nil
        }
    }

    /// One row of an INSERT into the outbox.
    struct EventRow {
        var id: SQLValue
        var type: String
        var data: String
    }

    /// Events of a type are written otherwise.
    static func event(_ type: String, _ change: @escaping @Sendable (inout EventRow) -> Void) -> Rule {
        Rule {
            $0.text.hasPrefix("INSERT INTO saga_outbox") && $0.values.contains(.text(type))
        } change: { statement in
            var values = statement.values
            for start in stride(from: 0, to: values.count, by: 11) where values[start + 1] == .text(type) {
                guard case .utf8(let bytes) = values[start + 9] else { continue }
                let data = String(decoding: bytes, as: UTF8.self)
                var row = EventRow(id: values[start], type: type, data: data)
                change(&row)
                values[start] = row.id
                values[start + 1] = .text(row.type)
                values[start + 9] = .utf8(Data(row.data.utf8))
            }
            return SQLStatement(statement.text, values: values)
        }
    }

    /// Events of a type go to nobody.
    static func unheard(_ type: String) -> Rule { event(type) { $0.type = "nobody.listens" } }
}

extension String {
    /// The number behind `"name":` in JSON text; `nil` if there is none.
    func jsonNumber(_ name: String) -> Int64? {
        guard let key = firstRange(of: "\"\(name)\":") else { return nil }
        return Int64(self[key.upperBound...].prefix { $0 == "-" || $0.isNumber })
    }

    /// JSON text in which the first number behind `"name":` is another one.
    func settingJSON(_ name: String, to number: Int64) -> String {
        guard let key = firstRange(of: "\"\(name)\":") else { return self }
        let rest = self[key.upperBound...].drop { $0 == "-" || $0.isNumber }
        return self[..<key.upperBound] + "\(number)" + rest
    }
}
