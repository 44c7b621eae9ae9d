import PurchaseApp

extension DemoWording {
    func title(of scenario: DemoScenario.Name) -> String {
        switch scenario {
        case .success: self("An order that nothing stops", "아무 문제 없는 주문")
        case .couponOrder: self("An order with a coupon", "쿠폰을 쓰는 주문")
        case .refusedCoupon: self("The coupon is refused", "거절된 쿠폰")
        case .shortBalance: self("Not enough money", "잔액 부족")
        case .fullInventory: self("The inventory is full", "인벤토리 가득 참")
        case .shortStock: self("Not enough in stock", "재고 부족")
        case .declinedPayment: self("The payment is declined", "결제 거절")
        case .deadline: self("The deadline passes while the gateway is silent", "결제사가 응답하지 않는 사이 제한 시간 초과")
        case .cancellation: self("The customer cancels", "고객의 취소")
        }
    }

    /// What to look at, in one sentence.
    func hint(of scenario: DemoScenario) -> String {
        switch scenario.name {
        case .success:
            self(
                "Wallet, slots and stock are held one after another; once the payment is captured all three are turned into the purchase.",
                "지갑, 칸, 재고를 차례로 잡고, 결제가 승인되면 셋 모두 구매로 확정한다.")
        case .couponOrder:
            self(
                "The coupon is held first; 10 % less is charged; the coupon is spent only when the order is complete.",
                "먼저 쿠폰을 잡고 10% 할인된 금액을 결제한다. 쿠폰은 주문이 완료되어야 사용 처리된다.")
        case .refusedCoupon:
            self(
                "The coupon needs an order of \(money(scenario.coupon?.minimum ?? 0)): the order ends before anything else begins.",
                "\(money(scenario.coupon?.minimum ?? 0)) 이상 주문에만 쓸 수 있는 쿠폰: 다른 일이 시작되기 전에 끝난다.")
        case .shortBalance:
            self(
                "The wallet has \(money(scenario.balance)). Those who took nothing yet leave a tombstone, so that nothing late is taken.",
                "지갑에는 \(money(scenario.balance))뿐이다. 아직 아무것도 잡지 않은 서비스는 묘비(TOMB)를 남겨, 늦게 오는 일을 막는다.")
        case .fullInventory:
            self(
                "Two different items, one free slot: the wallet, held before, gets its money back.",
                "서로 다른 아이템 둘, 빈 칸은 하나: 앞서 잡은 지갑의 돈을 돌려준다.")
        case .shortStock:
            self(
                "One piece is left, two are ordered: slots and wallet give back what they held.",
                "한 개 남았는데 두 개를 주문: 칸과 지갑이 잡은 것을 돌려준다.")
        case .declinedPayment:
            self(
                "Everything is held when the gateway says no: everything is given back, the coupon too.",
                "모두 잡은 뒤에 결제사가 거절: 쿠폰까지 모두 돌려준다.")
        case .deadline:
            self(
                "The charge was carried out, its answer is lost. Only Payments may say whether money moved; when it knows, it refunds.",
                "청구는 되었지만 응답이 사라진다. 돈이 움직였는지는 Payments만 말할 수 있고, 알게 되면 환불한다.")
        case .cancellation:
            self(
                "Asked for in the middle: Payments, not yet begun, says no for good, and what comes late takes nothing.",
                "진행 중에 취소 요청: 아직 시작하지 않은 Payments가 결제를 막고, 늦게 온 것은 아무것도 잡지 않는다.")
        }
    }

    var introduction: [String] {
        [
            self(
                "Seven services, each with data of its own; nobody conducts. Each reacts to what the others say:",
                "저마다 자기 데이터를 가진 일곱 서비스. 지휘자는 없고, 서로의 이벤트에 반응할 뿐이다:"),
            self(
                "who  ◂ the event it heard  ▸ the event it answers with, and below what it did to its own data.",
                "누가  ◂ 들은 이벤트  ▸ 답으로 낸 이벤트, 그 아래는 자기 데이터에 한 일."),
        ]
    }

    var legend: [(mark: DemoDrawing.Mark, text: String)] {
        [
            (.forward, self("a step", "진행")), (.refused, self("a refusal", "거절")),
            (.undone, self("gives back", "되돌림")), (.unknown, self("not known yet", "아직 모름")),
            (.idle, self("nothing to do", "할 일 없음")),
        ]
    }
}
