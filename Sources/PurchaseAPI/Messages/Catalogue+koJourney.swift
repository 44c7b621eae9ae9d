extension Catalogue {
    /// What an order's journey comes to, and what to do.
    static let journeyKorean: [String: Wording] = [
        "journey.settled": .init("끝남", "끝났고({status}) 모든 서비스가 정리했습니다. 기다리는 것이 없습니다."),
        "journey.on-time": .init("진행 중", "{owner}의 {event}를 {age} 동안 기다리고 있습니다. {due}부터 늦은 것으로 봅니다."),
        "journey.retrying": .init(
            "메시지 재시도 중", "{consumer}가 {message} 처리에 {attempts}번 실패했고({reason}) {retryAt}에 다시 시도합니다."),
        "journey.gateway-unknown": .init(
            "결제 대행사의 답을 모름", "payments가 {age} 동안 결제 대행사의 답을 기다리고 있습니다. {attempts}번 물었습니다."),
        "journey.other-gateway": .init(
            "다른 결제 대행사가 돈을 가지고 있음",
            "{owner}의 {event}가 {age}째 오지 않습니다. 지금 쓰는 것이 아닌 결제 대행사({gateway})가 돈을 받았고, 그곳만 돌려줄 수 있습니다."),
        "journey.consumer-down": .init(
            "서비스가 실행되지 않음", "{owner}의 {event}가 {age}째 오지 않습니다. {owner}를 실행하는 프로세스가 없습니다."),
        "journey.consumer-paused": .init(
            "서비스가 멈춰 기다림", "{owner}의 {event}가 {age}째 오지 않습니다. {activity}가 닿지 않는 것을 기다립니다({reason})."),
        "journey.consumer-behind": .init(
            "서비스가 밀려 있음", "{owner}의 {event}가 {age}째 오지 않습니다. {owner}를 기다리는 이벤트가 {waiting}개입니다."),
        "journey.parked": .init("메시지가 보류됨", "{consumer}가 {message}를 {attempts}번 시도한 뒤 포기했습니다: {reason}."),
        "journey.outbox-stalled": .init(
            "이벤트가 도착하지 않음",
            "{owner}가 실행 중이고 밀린 것도 없는데 {event}가 {age}째 오지 않습니다. {trigger}가 {owner}에 도착하지 않았습니다."),
        "journey.undo-incomplete": .init("아직 다 되돌리지 못함", "되돌리는 중인데 {age}째 확인되지 않은 것이 있습니다: {missing}."),
        "journey.alarm": .init("있어서는 안 되는 일", "{consumer}가 결코 받을 수 없는 상태에서 {message}를 받았습니다: {reason}."),
        "journey.advice.on-time": .init("할 일 없음", "할 일이 없습니다. 기한 {deadline}이 되면 주문은 스스로 되돌려집니다."),
        "journey.advice.retrying": .init("기다리기", "그때까지 할 일이 없습니다. 다시 시도해도 안 될 때만 메시지를 포기합니다."),
        "journey.advice.gateway-unknown": .init(
            "실패로 표시하지 않기", "할 일이 없습니다. 답이 확실해질 때까지 결제 대행사에 다시 묻습니다. 추측으로 주문을 실패시키지 않습니다."),
        "journey.advice.other-gateway": .init(
            "그 결제 대행사를 되살리기",
            "환불이 끝날 때까지 {owner}를 PAYMENT_GATEWAY={gateway}로 실행하세요. 그때까지 물건은 따로 두며, 환불을 취소할 수는 없습니다."),
        "journey.advice.consumer-down": .init(
            "서비스 시작하기",
            "{owner}를 시작하세요: purchase serve, 서비스를 나누어 실행한다면 purchase serve --services {owner}. 잃은 것은 없고, 주문은 스스로 이어집니다."
        ),
        "journey.advice.consumer-paused": .init("닿지 않는 것 되살리기", "닿지 않는 것을 되살리면 {owner}는 스스로 이어 갑니다."),
        "journey.advice.consumer-behind": .init("서비스 살펴보기", "{owner}의 부하와 로그를 살펴보세요. 차례가 오면 주문은 이어집니다."),
        "journey.advice.parked": .init("원인 없애기", "위의 원인을 없애세요. 주문은 기한 {deadline}에 스스로 되돌려집니다."),
        "journey.advice.parked-for-good": .init(
            "원인을 없애고 다시 배달하기",
            "스스로 되돌려지지 않습니다. 위의 원인을 없앤 다음 메시지를 다시 전달하세요: purchase dead-letters replay, 또는 HTTP로 주문의 보류 메시지에서."),
        "journey.advice.outbox-stalled": .init(
            "이벤트 다시 보내기", "주문의 이벤트를 다시 보내세요(resync). 이미 처리한 것은 알아보므로 안전합니다."),
        "journey.advice.undo-incomplete": .init(
            "이벤트 다시 보내기", "주문의 이벤트를 다시 보내세요(resync). 이미 되돌린 것은 다시 확인만 하므로 안전합니다."),
        "journey.advice.alarm": .init(
            "증거 지키기", "손으로 고치지 마세요. 감사 기록과 결제 대행사의 장부를 증거로 두고 docs/operation.md를 따르세요."),
    ]
}
