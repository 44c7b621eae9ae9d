import FoundationEssentials
import PurchaseContracts
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
            attempts: 0)
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
