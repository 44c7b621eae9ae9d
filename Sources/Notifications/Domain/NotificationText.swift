import PurchaseContracts
import SagaChoreography

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
        let lead = lead(message.template)
        switch message.content {
        case .nothing: return lead
        case .coupon(let notice):
            let until = Self.minute(notice.expiresAt)
            return Self.oneLine(
                language == .korean
                    ? "\(lead): \(name(of: notice)), \(until)까지" : "\(lead): \(name(of: notice)), until \(until)")
        case .order(let parameters):
            let what = goods(parameters)
            let price = Self.price(parameters.amount, parameters.currency, in: language)
            let end =
                switch (language, message.template) {
                case (.korean, .orderCompleted): ", \(price) 결제"
                case (.korean, .orderRefunded): ", \(price) 환불"
                case (.korean, _): ". 결제된 금액은 없습니다"
                case (.english, .orderCompleted): ", \(price) paid"
                case (.english, .orderRefunded): ", \(price) back in your wallet"
                case (.english, _): ". You were not charged"
                }
            let reason = parameters.reason.map { " (\($0.rawValue))" } ?? ""
            return Self.oneLine("\(lead): \(what)\(end)\(reason)")
        }
    }

    private func lead(_ template: NotificationTemplate) -> String {
        switch (language, template) {
        case (.korean, .orderCompleted): "주문이 완료되었습니다"
        case (.korean, .orderFailed): "주문에 실패했습니다"
        case (.korean, .orderCancelled): "주문이 취소되었습니다"
        case (.korean, .orderRefunded): "주문이 환불되었습니다"
        case (.korean, .couponExpiring): "쿠폰이 곧 만료됩니다"
        case (.korean, .test): "시험 알림입니다. 아무것도 주문되지 않았습니다"
        case (.english, .orderCompleted): "Your order is complete"
        case (.english, .orderFailed): "Your order failed"
        case (.english, .orderCancelled): "Your order was cancelled"
        case (.english, .orderRefunded): "Your order was refunded"
        case (.english, .couponExpiring): "Your coupon expires soon"
        case (.english, .test): "This is a test. Nothing was ordered"
        }
    }

    /// What a user knows a coupon by.
    func name(of notice: CouponNotice) -> String {
        notice.code?.uppercased() ?? (language == .korean ? "코드 없는 쿠폰" : "a coupon without a code")
    }

    /// To the minute, UTC.
    static func minute(_ time: Timestamp) -> String {
        time.description.prefix(16).replacing("T", with: " ") + " UTC"
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
