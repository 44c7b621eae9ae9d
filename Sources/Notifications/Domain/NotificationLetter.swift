import PurchaseContracts

/// A message as a letter: a subject of one line and a text of several.
public struct NotificationLetter: Sendable, Hashable {
    /// One line without control characters.
    public let subject: String
    /// Lines end with `\n`.
    public let body: String
}

extension NotificationText {
    /// The message for channels that have room for more than a line.
    public func letter(for message: NotificationMessage) -> NotificationLetter {
        let (subject, first) = opening(message.template)
        switch message.content {
        case .nothing: return letter(subject, [first])
        case .coupon(let notice):
            return letter(
                subject,
                [
                    first, "", label("쿠폰", "Coupon", name(of: notice)),
                    label("만료", "Expires", Self.minute(notice.expiresAt)),
                ])
        case .order(let parameters):
            return letter(
                "\(subject): \(goods(parameters))", [first, ""] + lines(about: message, parameters))
        }
    }

    private func letter(_ subject: String, _ lines: [String]) -> NotificationLetter {
        NotificationLetter(subject: Self.oneLine(subject), body: lines.map { Self.oneLine($0) + "\n" }.joined())
    }

    private func lines(about message: NotificationMessage, _ parameters: NotificationParameters) -> [String] {
        var lines: [String] = []
        if let order = message.orderID { lines.append(label("주문 번호", "Order", order.description)) }
        lines.append(label("상품", "Items", goods(parameters)))
        let price = Self.price(parameters.amount, parameters.currency, in: language)
        if message.template == .orderCompleted { return lines + [label("결제 금액", "Paid", price)] }
        if message.template == .orderRefunded { return lines + [label("환불 금액", "Refunded", price)] }
        if let reason = parameters.reason { lines.append(label("사유", "Reason", sentence(for: reason))) }
        return lines + [
            "",
            language == .korean
                ? "결제된 금액은 없습니다. 사용한 쿠폰은 되돌려 드렸습니다."
                : "You were not charged. A coupon that you used is yours again.",
        ]
    }

    private func opening(_ template: NotificationTemplate) -> (subject: String, first: String) {
        switch (language, template) {
        case (.korean, .orderCompleted): ("주문 완료", "주문이 완료되었습니다. 이용해 주셔서 감사합니다.")
        case (.korean, .orderFailed): ("주문 실패", "주문을 처리하지 못했습니다.")
        case (.korean, .orderCancelled): ("주문 취소", "주문이 취소되었습니다.")
        case (.korean, .orderRefunded): ("주문 환불", "주문이 환불되었습니다. 상품은 회수되었고 금액은 지갑으로 돌아왔습니다.")
        case (.korean, .couponExpiring): ("쿠폰 만료 예정", "가지고 계신 쿠폰이 곧 만료됩니다.")
        case (.english, .couponExpiring): ("Your coupon expires soon", "A coupon of yours expires soon.")
        case (.korean, .test): ("시험 알림", "관리자가 보낸 시험 알림입니다. 아무것도 주문되지 않았습니다.")
        case (.english, .test): ("Test", "An administrator sent this as a test. Nothing was ordered.")
        case (.english, .orderCompleted): ("Order complete", "Your order is complete. Thank you.")
        case (.english, .orderFailed): ("Order failed", "Your order could not be completed.")
        case (.english, .orderRefunded):
            (
                "Order refunded",
                "Your order was refunded: the goods were taken back, and the amount is in your wallet again."
            )
        case (.english, .orderCancelled): ("Order cancelled", "Your order was cancelled.")
        }
    }

    private func label(_ korean: String, _ english: String, _ value: String) -> String {
        "\(language == .korean ? korean : english): \(value)"
    }

    /// What others wrote, such as a name, can neither break a line nor act on a terminal.
    static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { breaks($0) ? " " : $0 }))
    }

    private static func breaks(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
