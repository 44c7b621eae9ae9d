import PurchaseAPI
import PurchaseApp
import PurchaseContracts

/// Draws a demo for a terminal, a step at a time.
struct DemoDrawing {
    /// What kind of step a line is about; told apart by its sign, not by colour alone.
    enum Mark: String {
        case person = "▶"
        case forward = "●"
        case refused = "✗"
        case undone = "↩"
        case idle = "·"
        case unknown = "?"
        case told = "✉"
        case closed = "○"

        var ink: Painter.Ink {
            switch self {
            case .person: .bold
            case .forward: .good
            case .refused: .bad
            case .undone, .unknown: .undo
            case .idle, .closed: .dim
            case .told: .plain
            }
        }
    }

    /// Columns.
    enum Width {
        static let time = 8
        static let who = 15
        static let heard = 31
        /// Where lines are broken.
        static let page = 100
    }

    let wording: DemoWording
    let painter: Painter

    init(_ language: Language, _ painter: Painter) {
        wording = DemoWording(language: language)
        self.painter = painter
    }

    // MARK: Before the steps

    func opening() -> [String] {
        let legend = wording.legend.map { "\(painter.paint($0.mark.rawValue, $0.mark.ink)) \($0.text)" }
        return wording.introduction + [legend.joined(separator: "   ")]
    }

    func heading(_ scenario: DemoScenario, _ number: Int, of count: Int) -> [String] {
        let title = painter.paint("\(number)/\(count)  \(wording.title(of: scenario.name))", .bold)
        return ["", title + painter.paint("  (\(scenario.name.rawValue))", .dim)]
            + wording.hint(of: scenario).wrapped(to: Width.page - 5).map { "     " + $0 } + [""]
    }

    // MARK: A step

    /// The lines of one step; none for one of those that ``closing(_:)`` puts together.
    func lines(_ step: DemoStep, of scenario: DemoScenario) -> [String] {
        guard !step.isClosing else { return [] }
        let mark = mark(of: step)
        var lines: [String] = []
        if step.kind == .request {
            let asked = step.trigger == "orders.place-order" ? wording.order(scenario) : wording.cancels
            lines.append(line(step.at, mark, wording.customer, asked))
            let began = said(step, after: step.transition.map(Self.text) ?? "")
            lines.append(Self.indent(Width.time + 4) + Self.title(step.service).filled(to: Width.who) + began)
        } else {
            lines.append(line(step.at, mark, Self.title(step.service), said(step, after: heard(step))))
            let margin = Width.time + 4 + Width.who + 2
            let ink: Painter.Ink = mark == .undone ? .undo : mark == .idle ? .dim : .plain
            lines += effects(of: step, scenario).joined(separator: " · ").wrapped(to: Width.page - margin).map {
                Self.indent(margin) + painter.paint($0, ink)
            }
        }
        if step.emitted.contains(PaymentProcessed.type.name) {
            lines.append(painter.paint("\(Self.indent(Width.time + 2))── \(wording.pivot) ──", .bold))
        }
        return lines
    }

    /// `  12 ms  ● Users          ◂ order.created`
    func line(_ milliseconds: Int64, _ mark: Mark, _ who: String, _ what: String) -> String {
        let time = wording.milliseconds(milliseconds)
        return Self.indent(Width.time - time.columns) + painter.paint(time, .dim) + "  "
            + painter.paint(mark.rawValue, mark.ink) + " " + who.filled(to: Width.who) + what
    }

    private func mark(of step: DemoStep) -> Mark {
        if step.kind == .request { return .person }
        if step.isCompensation { return .undone }
        if !step.messages.isEmpty { return .told }
        if step.gatewayCalls.contains(where: { $0.answer == .none }) { return .unknown }
        switch step.disposition {
        case .applied: return .forward
        case .refused, .parked, .retrying: return .refused
        case .ignored, .duplicate: return .idle
        }
    }

    /// What led to a step.
    private func heard(_ step: DemoStep) -> String {
        if let call = step.gatewayCalls.first { return wording.call(call) }
        if let message = step.messages.first { return wording.told(message) }
        if step.kind == .worker { return wording.deadlinePassed }
        return "◂ " + step.trigger
    }

    /// A column filled with `text`, then what was emitted.
    private func said(_ step: DemoStep, after text: String) -> String {
        guard !step.emitted.isEmpty else { return text }
        return text.filled(to: Width.heard) + painter.paint("▸ " + step.emitted.joined(separator: ", "), .event)
    }
}

// MARK: What a step did

extension DemoDrawing {
    /// What a step did to the data of its service; nothing if its first line says it all.
    private func effects(of step: DemoStep, _ scenario: DemoScenario) -> [String] {
        var effects = step.transition.map { [Self.text($0)] } ?? []
        effects += changes(step.changes)
        if let refusal = step.refusal { effects.append(wording.language.sentence(for: refusal)) }
        if step.transition?.to == "TOMB" { effects.append(wording.tombstone) }
        if step.gatewayCalls.contains(where: { $0.answer == .none }) { effects.append(wording.unknownIsNotFailed) }
        if step.gatewayCalls.contains(where: { $0.answer == .captured }), step.emitted.isEmpty {
            effects.append(wording.capturedButCancelled)
        }
        if !step.waitsFor.isEmpty { effects.append(wording.waits(for: step.waitsFor)) }
        return effects.isEmpty ? quietEffect(of: step, scenario) : effects
    }

    /// Why nothing changed.
    private func quietEffect(of step: DemoStep, _ scenario: DemoScenario) -> [String] {
        guard step.kind == .reaction else { return [] }
        switch step.disposition {
        case .ignored:
            return [step.service == "coupons" && scenario.coupon == nil ? wording.noCoupon : wording.cameTooLate]
        case .duplicate: return [wording.nothingToDo]
        case .applied, .refused, .parked, .retrying: break
        }
        if step.isCompensation { return [wording.acknowledges] }
        if step.service == "notifications" { return [wording.recorded] }
        if step.service == "payments" { return [wording.gatewayDecides] }
        return step.emitted.isEmpty ? [wording.noted] : []
    }

    /// `wallet: available −18,000, held +18,000`
    private func changes(_ changes: [DemoQuantity: Int64]) -> [String] {
        var groups: [(name: String, changes: [String])] = []
        for quantity in DemoQuantity.allCases {
            guard let change = changes[quantity] else { continue }
            let group = wording.group(of: quantity)
            if groups.last?.name != group { groups.append((group, [])) }
            groups[groups.count - 1].changes.append("\(wording.name(of: quantity)) \(change.signed)")
        }
        return groups.map { "\($0.name): \($0.changes.joined(separator: ", "))" }
    }

    private static func text(_ transition: DemoStep.Transition) -> String {
        "\(transition.from ?? "–") → \(transition.to)"
    }

    static func indent(_ width: Int) -> String { String(repeating: " ", count: max(0, width)) }

    static func title(_ service: String) -> String { service.prefix(1).uppercased() + service.dropFirst() }
}
