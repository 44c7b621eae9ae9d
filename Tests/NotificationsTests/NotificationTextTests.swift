import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import Synchronization
import Testing

@testable import Notifications

@Suite struct `The wording of messages` {
    private func message(
        _ template: NotificationTemplate, item: String = "sword", otherLines: Int = 0, reason: RefusalCode? = nil
    ) -> NotificationMessage {
        NotificationMessage(
            id: UUID(), channel: "console", orderID: OrderID(UUID()), userID: UserID(UUID()), template: template,
            parameters: NotificationParameters(
                item: item, otherLines: otherLines, amount: Money(12_345), currency: .krw, reason: reason),
            createdAt: Timestamp(milliseconds: 0), attempts: 0)
    }

    @Test func `a completed order says what was bought and paid, in Korean and in English`() {
        let bought = message(.orderCompleted, otherLines: 2)
        let korean = NotificationText(.korean).line(for: bought)
        let english = NotificationText(.english).line(for: bought)
        #expect(korean == "주문이 완료되었습니다: sword 외 2건, 12,345원 결제")
        #expect(english == "Your order is complete: sword and 2 more, KRW 12,345 paid")
    }

    @Test(arguments: NotificationLanguage.allCases)
    func `an undone order says why`(_ language: NotificationLanguage) {
        let line = NotificationText(language).line(for: message(.orderFailed, reason: .insufficientStock))
        #expect(line.hasSuffix("(items.insufficient-stock)"))
    }

    @Test func `a name cannot break the line`() {
        let line = NotificationText(.english).line(for: message(.orderCompleted, item: "a\nb\r\nc"))
        let isOneLine = line.allSatisfy { !$0.isNewline }
        #expect(isOneLine)
    }

    @Test func `a letter says it in full, in Korean and in English`() {
        let bought = message(.orderCompleted, otherLines: 2)
        let id = bought.orderID?.description ?? "none"
        let korean = NotificationText(.korean).letter(for: bought)
        #expect(korean.subject == "주문 완료: sword 외 2건")
        #expect(
            korean.body == """
                주문이 완료되었습니다. 이용해 주셔서 감사합니다.

                주문 번호: \(id)
                상품: sword 외 2건
                결제 금액: 12,345원

                """)
        let english = NotificationText(.english).letter(for: bought)
        #expect(english.subject == "Order complete: sword and 2 more")
        #expect(
            english.body == """
                Your order is complete. Thank you.

                Order: \(id)
                Items: sword and 2 more
                Paid: KRW 12,345

                """)
    }

    @Test(arguments: [NotificationTemplate.orderFailed, .orderCancelled])
    func `a letter about an undone order gives the reason in words and no amount`(_ template: NotificationTemplate) {
        let undone = message(template, reason: .paymentDeclined)
        let korean = NotificationText(.korean).letter(for: undone)
        #expect(korean.body.contains("사유: 결제가 거절되었습니다.\n\n결제된 금액은 없습니다."))
        let english = NotificationText(.english).letter(for: undone)
        #expect(english.body.contains("Reason: The payment was declined.\n\nYou were not charged."))
        #expect(!(korean.body + english.body).contains("12,345"))
    }

    @Test(arguments: NotificationLanguage.allCases)
    func `every reason has words of its own`(_ language: NotificationLanguage) {
        let sentences = RefusalCode.allCases.map { NotificationText(language).sentence(for: $0) }
        #expect(Set(sentences).count == RefusalCode.allCases.count)
    }

    @Test func `a name can end no line of a letter`() {
        let hostile = "a\r\nBcc: x@example.org\u{2028}b\u{0}c\u{1B}[2J"
        let letter = NotificationText(.english).letter(for: message(.orderCompleted, item: hostile))
        #expect(letter.subject == "Order complete: a  Bcc: x@example.org b c [2J")
        #expect(letter.body.split(separator: "\n").count == 4)
    }

    @Test(arguments: [
        (0, "KRW", "KRW 0"), (999, "KRW", "KRW 999"), (1000, "KRW", "KRW 1,000"), (1_234_567, "JPY", "JPY 1,234,567"),
        (5, "USD", "USD 0.05"), (123_456, "USD", "USD 1,234.56"), (-100, "USD", "USD -1.00"),
        (Int64.min, "KRW", "KRW -9,223,372,036,854,775,808"),
    ])
    func `amounts have the decimals of their currency`(_ amount: Int64, _ code: String, _ text: String) throws {
        let currency = try #require(Currency(code))
        #expect(NotificationText.price(Money(amount), currency, in: .english) == text)
    }

    @Test func `the console gets one line with the message id`() {
        let sent = message(.orderCancelled, reason: .orderCancelled)
        let collected = Collector()
        ConsoleNotifier { line in collected.lines.withLock { $0.append(line) } }.send(sent)
        #expect(collected.all.count == 1)
        #expect(collected.all.first?.contains(sent.id.uuidString.lowercased()) == true)
    }
}

private final class Collector: Sendable {
    let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
}
