import PurchaseContracts

/// The languages that messages are written in.
public enum NotificationLanguage: String, Sendable, Hashable, CaseIterable {
    case korean = "ko"
    case english = "en"
}

/// The wording of the messages.
public struct NotificationText: Sendable {
    public let language: NotificationLanguage

    public init(_ language: NotificationLanguage) { self.language = language }

    /// One line without line breaks.
    public func line(for message: NotificationMessage) -> String {
        let what = goods(message.parameters)
        let price = Self.price(message.parameters.amount, message.parameters.currency, in: language)
        let text =
            switch (language, message.template) {
            case (.korean, .orderCompleted): "주문이 완료되었습니다: \(what), \(price) 결제"
            case (.korean, .orderFailed): "주문에 실패했습니다: \(what). 결제된 금액은 없습니다"
            case (.korean, .orderCancelled): "주문이 취소되었습니다: \(what). 결제된 금액은 없습니다"
            case (.english, .orderCompleted): "Your order is complete: \(what), \(price) paid"
            case (.english, .orderFailed): "Your order failed: \(what). You were not charged"
            case (.english, .orderCancelled): "Your order was cancelled: \(what). You were not charged"
            }
        let reason = message.parameters.reason.map { " (\($0.rawValue))" } ?? ""
        return Self.oneLine(text + reason)
    }

    func goods(_ parameters: NotificationParameters) -> String {
        guard parameters.otherLines > 0 else { return parameters.item }
        return switch language {
        case .korean: "\(parameters.item) 외 \(parameters.otherLines)건"
        case .english: "\(parameters.item) and \(parameters.otherLines) more"
        }
    }

    /// An amount with the decimals of its currency (ISO 4217) and groups of three digits.
    static func price(_ amount: Money, _ currency: Currency, in language: NotificationLanguage) -> String {
        let decimals = ["KRW", "JPY", "VND", "CLP"].contains(currency.code) ? 0 : 2
        var digits = String(amount.minorUnits.magnitude)
        if digits.count <= decimals { digits = String(repeating: "0", count: decimals + 1 - digits.count) + digits }
        let whole = digits.dropLast(decimals)
        var grouped = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index) % 3 == 0 { grouped.append(",") }
            grouped.append(digit)
        }
        let sign = amount < .zero ? "-" : ""
        let number = sign + grouped + (decimals > 0 ? "." + digits.suffix(decimals) : "")
        return language == .korean && currency == .krw ? number + "원" : "\(currency.code) \(number)"
    }
}
