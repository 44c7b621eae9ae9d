import PurchaseAPI
import PurchaseContracts
import SagaChoreography
import Testing

@testable import PurchaseApp
@testable import purchase

@Suite struct `The drawing of a demo` {
    private static let plain = DemoDrawing(.en, Painter(isColoured: false))

    private static func step(
        _ service: String = "users", _ trigger: String = "order.created", kind: DemoStep.Kind = .reaction,
        disposition: Disposition = .applied, isCompensation: Bool = false, transition: DemoStep.Transition? = nil,
        changes: [DemoQuantity: Int64] = [:], emitted: [String] = [], refusal: Refusal? = nil,
        calls: [DemoStep.GatewayCall] = []
    ) -> DemoStep {
        DemoStep(
            at: 1_234, service: service, kind: kind, trigger: trigger, reaction: nil, disposition: disposition,
            isCompensation: isCompensation, transition: transition, changes: changes, emitted: emitted,
            refusal: refusal, waitsFor: [], gatewayCalls: calls, messages: [])
    }

    private static func lines(_ step: DemoStep, _ scenario: DemoScenario.Name = .success) -> [String] {
        plain.lines(step, of: DemoScenario(scenario))
    }

    @Test func `says who heard what, what he answered, and what he did`() {
        let step = Self.step(
            transition: .init(from: nil, to: "HELD"), changes: [.walletAvailable: -18_000, .walletHeld: 18_000],
            emitted: ["payment.reserved"])
        #expect(
            Self.lines(step) == [
                "1,234 ms  ● Users          ◂ order.created                ▸ payment.reserved",
                "                             – → HELD · wallet: available −18,000, held +18,000",
            ])
    }

    @Test func `tells a refusal, a compensation and a late event apart without colours`() {
        let refusal = Self.step(
            disposition: .refused, transition: .init(from: nil, to: "REJECTED"),
            refusal: Refusal(.insufficientBalance, ["requested": 5, "available": 1]))
        #expect(Self.lines(refusal)[0].contains("✗ Users"))
        #expect(Self.lines(refusal)[1].contains("– → REJECTED · The balance is insufficient (requested: 5"))
        let undone = Self.step(isCompensation: true, transition: .init(from: "HELD", to: "RELEASED"))
        #expect(Self.lines(undone)[0].contains("↩ Users"))
        let late = Self.step(disposition: .ignored)
        #expect(Self.lines(late)[0].contains("· Users"))
        #expect(Self.lines(late)[1].contains("comes too late"))
        let unconcerned = Self.step("coupons", disposition: .ignored)
        #expect(Self.lines(unconcerned)[1].contains("has no coupon"))
        #expect(Self.lines(unconcerned, .couponOrder)[1].contains("comes too late"))
    }

    @Test func `draws the pivot where the money moves`() {
        let step = Self.step(
            "payments", "payments.gateway-worker-1", kind: .worker, emitted: ["payment.processed"],
            calls: [.init(.charge, 18_000, .captured)])
        #expect(Self.lines(step)[0].contains("asks the gateway: captured"))
        #expect(Self.lines(step).last?.contains("the pivot") == true)
    }

    @Test func `paints only where there is colour`() {
        let step = Self.step(isCompensation: true, transition: .init(from: "HELD", to: "RELEASED"))
        let coloured = DemoDrawing(.en, Painter(isColoured: true)).lines(step, of: DemoScenario(.success))
        #expect(coloured[0].contains("\u{1B}[33m↩\u{1B}[0m"))
        #expect(!Self.lines(step).joined().contains("\u{1B}"))
    }

    @Test func `no line is wider than a page, in both languages`() {
        for language in Language.allCases {
            let drawing = DemoDrawing(language, Painter(isColoured: false))
            for name in DemoScenario.Name.allCases {
                for line in drawing.opening() + drawing.heading(DemoScenario(name), 1, of: 9) {
                    #expect(line.columns <= DemoDrawing.Width.page, "\(line)")
                }
            }
        }
    }

    @Test(arguments: [("abc", 3), ("주문", 4), ("2 × 램프", 8), ("", 0)])
    func `columns are counted as a terminal does`(text: String, columns: Int) {
        #expect(text.columns == columns)
        #expect(text.filled(to: 10).columns == 10)
    }

    @Test func `numbers are grouped and changes carry their sign`() {
        #expect(Int64(1_234_567).grouped == "1,234,567")
        #expect(Int64(-999).signed == "−999")
        #expect(Int64(1_000).signed == "+1,000")
    }

    @Test func `text is broken between words`() {
        #expect("a bb ccc".wrapped(to: 4) == ["a bb", "ccc"])
        #expect("longer".wrapped(to: 2) == ["longer"])
    }
}
