import PurchaseAPI
import PurchaseApp
import SagaChoreography

/// The words of a drawn demo in one language.
struct DemoWording {
    let language: Language

    func callAsFunction(_ english: String, _ korean: String) -> String { language == .ko ? korean : english }

    func money(_ amount: Int64) -> String { self("\(amount.grouped) KRW", "\(amount.grouped)원") }

    func milliseconds(_ count: Int64) -> String { "\(count.grouped) ms" }

    // MARK: What is at stake

    func group(of quantity: DemoQuantity) -> String {
        switch quantity {
        case .couponsUsable, .couponsHeld, .couponsUsed: self("coupon", "쿠폰")
        case .walletAvailable, .walletHeld, .walletCaptured: self("wallet", "지갑")
        case .slotsReserved, .slotsUsed: self("slots", "칸")
        case .goodsOwned: self("inventory", "인벤토리")
        case .stockFree, .stockReserved, .stockSold: self("stock", "재고")
        case .gatewayNet: self("gateway", "결제사")
        }
    }

    func name(of quantity: DemoQuantity) -> String {
        switch quantity {
        case .couponsUsable: self("usable", "사용 가능")
        case .couponsHeld, .walletHeld: self("held", "보류")
        case .couponsUsed: self("used", "사용됨")
        case .walletAvailable: self("available", "사용 가능")
        case .walletCaptured: self("captured", "결제됨")
        case .slotsReserved, .stockReserved: self("reserved", "예약")
        case .slotsUsed: self("used", "사용")
        case .goodsOwned: self("owned", "보유")
        case .stockFree: self("free", "판매 가능")
        case .stockSold: self("sold", "판매됨")
        case .gatewayNet: self("taken", "받은 금액")
        }
    }

    // MARK: What happened

    func order(_ scenario: DemoScenario) -> String {
        let lines = scenario.lines.map { "\($0.quantity) × \($0.product.name(in: language))" }.joined(separator: ", ")
        return self("orders \(lines) for \(money(scenario.total))", "\(lines) 주문, \(money(scenario.total))")
    }

    var cancels: String { self("changes his mind and cancels", "마음을 바꿔 주문을 취소") }
    var customer: String { self("Customer", "고객") }
    var deadlinePassed: String { self("the deadline has passed", "제한 시간이 지남") }
    var cameTooLate: String {
        self("comes too late and takes nothing: the order is being undone", "늦게 도착해 아무것도 잡지 않음: 되돌리는 중인 주문")
    }
    var noCoupon: String { self("this order has no coupon", "쿠폰이 없는 주문") }
    var nothingToDo: String { self("known already: nothing to do", "이미 아는 일: 할 일 없음") }
    var recorded: String { self("writes the message down; a worker sends it", "메시지를 기록하고, 보내는 일은 작업자가 맡음") }
    var noted: String { self("noted", "확인함") }
    var acknowledges: String { self("holds nothing: acknowledges that it is undone", "잡은 것이 없음: 되돌렸음을 알림") }
    var tombstone: String { self("a tombstone: what comes late will take nothing", "묘비: 늦게 오는 일은 아무것도 잡지 못함") }
    var gatewayDecides: String {
        self("noted: the gateway was asked already, so its answer decides", "확인함: 이미 결제사에 물었으니 그 답에 따름")
    }
    var everyone: String { self("Everyone", "모두") }

    func waits(for events: [String]) -> String {
        let list = events.joined(separator: ", ")
        return self("waits for \(list)", "기다리는 것: \(list)")
    }

    func closes(_ services: [String]) -> String {
        self("\(services.joined(separator: ", ")) close the order", "\(services.joined(separator: ", ")) 주문을 닫음")
    }

    func call(_ call: DemoStep.GatewayCall) -> String {
        let answer =
            switch call.answer {
            case .captured: self("captured", "승인")
            case .declined: self("declined", "거절")
            case .refunded: self("given back", "환불")
            case .refused: self("refused", "환불 거절")
            case .none: self("no answer", "응답 없음")
            }
        return switch call.asked {
        case .charge: self("asks the gateway: \(answer)", "결제사에 청구: \(answer)")
        case .refund: self("asks for a refund: \(answer)", "결제사에 환불 요청: \(answer)")
        }
    }

    var unknownIsNotFailed: String {
        self(
            "no answer is not a no: it will be asked again, under the same key",
            "응답이 없다고 실패는 아님: 같은 키로 다시 묻는다")
    }
    var capturedButCancelled: String {
        self("the money moved, but the order is to be undone: it goes back", "결제는 되었지만 되돌릴 주문: 환불한다")
    }
    func told(_ message: String) -> String { self("tells the customer: ", "고객에게 알림: ") + message }

    var pivot: String {
        self(
            "the pivot: the money has moved. Nothing is undone from here on, all is carried through",
            "전환점: 결제 완료. 이제부터는 되돌리지 않고 끝까지 진행한다")
    }
}
