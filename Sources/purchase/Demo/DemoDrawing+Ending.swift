import PurchaseApp

extension DemoDrawing {
    /// One line for all services that close their row of a settled order.
    func closing(_ timeline: DemoTimeline) -> [String] {
        let closing = timeline.steps.filter(\.isClosing)
        guard let last = closing.last else { return [] }
        let services = closing.map { Self.title($0.service) }
        let said = "◂ \(last.trigger)".filled(to: Width.heard) + wording.closes(services)
        return [line(last.at, .closed, wording.everyone, painter.paint(said, .dim))]
    }

    /// How an order ended, beside how it was announced, and what that changed.
    func ending(_ timeline: DemoTimeline) -> [String] {
        let ended = timeline.ended
        let sign = timeline.isAsAnnounced ? painter.paint("✓", .good) : painter.paint("✗", .bad)
        let cause = [ended.cause, ended.code].compactMap { $0 }.joined(separator: ": ")
        let status = painter.paint(ended.status, ended.status == "COMPLETED" ? .good : .undo)
        var lines = [
            "",
            "   \(sign) \(status)" + (cause.isEmpty ? "" : " (\(cause))") + "  "
                + (timeline.isAsAnnounced
                    ? wording("as announced, ", "예고한 대로, ") + wording.milliseconds(timeline.duration)
                    : wording("not as announced", "예고와 다름")),
        ]
        lines += timeline.surprises.map { "     " + painter.paint($0, .bad) }
        let moved = moved(timeline)
        let sum =
            moved.isEmpty ? wording("everything is as it was before", "모든 것이 주문 전 그대로") : moved.joined(separator: " · ")
        lines += sum.wrapped(to: Width.page - 5).map { "     " + $0 }
        lines.append("     " + painter.paint(wording("order ", "주문 ") + timeline.order, .dim))
        return lines
    }

    /// `wallet available 50,000 → 32,000`, for what is not as it was.
    private func moved(_ timeline: DemoTimeline) -> [String] {
        DemoQuantity.allCases.compactMap { quantity in
            let (before, after) = (timeline.before[quantity] ?? 0, timeline.after[quantity] ?? 0)
            guard before != after else { return nil }
            return "\(wording.group(of: quantity)) \(wording.name(of: quantity)) \(before.grouped) → \(after.grouped)"
        }
    }

    /// Every order in a line, then what `verify` says.
    func summary(_ report: DemoReport) -> [String] {
        var lines = ["", painter.paint(wording("In short", "요약"), .bold)]
        for timeline in report.timelines {
            let sign = timeline.isAsAnnounced ? painter.paint("✓", .good) : painter.paint("✗", .bad)
            let paid = timeline.ended.paid == 0 ? "" : wording.money(timeline.ended.paid)
            lines.append(
                "  \(sign) \(timeline.scenario.rawValue.filled(to: 18))\(timeline.ended.status.filled(to: 11))"
                    + (timeline.ended.code ?? paid))
        }
        let verification = report.verification
        lines += verification.violations.map { painter.paint("BROKEN  \($0.check): \($0.what)", .bad) }
        let orders = Int64(verification.settledOrders).grouped
        let checks = "\(verification.checks)"
        lines.append("")
        if verification.isClean, verification.isAtRest, verification.queues.parked == 0 {
            lines.append(
                painter.paint("✓ ", .good)
                    + wording(
                        "verified: all \(checks) invariants hold, \(orders) orders compared across all services; nothing is under way",
                        "검증: 불변식 \(checks)개가 모두 성립, 주문 \(orders)건을 모든 서비스에서 비교, 진행 중인 것 없음"))
        } else {
            lines.append(
                painter.paint("✗ ", .bad)
                    + wording(
                        "verified: \(verification.violations.count) broken, \(verification.inFlightCount) under way, \(verification.queues.parked) parked",
                        "검증: 위반 \(verification.violations.count), 진행 중 \(verification.inFlightCount), 보류된 메시지 \(verification.queues.parked)"
                    ))
        }
        return lines
    }
}
