extension Catalogue {
    /// The wording of what is refused of dead letters and operations.
    static let interventionsKorean: [String: Wording] = [
        "dead-letters.not-found": .init("보류 메시지 없음", "그런 보류 메시지가 없거나 이미 다시 전달되었거나 버려졌습니다."),
        "dead-letters.no-event": .init("이벤트가 아님", "전달할 수 있는 이벤트가 아닙니다. 먼저 고치세요."),
        "dead-letters.unknown-consumer": .init("모르는 소비자", "여기에는 그 소비자의 이벤트를 처리하는 것이 없습니다."),
        "dead-letters.has-effect": .init(
            "영향이 있음", "지금 처리하면 바뀌거나 내보내는 것이 있어 버릴 수 없습니다. ?dryRun=true로 확인하고 다시 전달하세요."),
        "dead-letters.faults": .init(
            "판단할 수 없음", "지금 처리하면 실패하므로 아무것도 바꾸지 않는다고 말할 수 없습니다. 원인을 고친 뒤 다시 전달하세요."),
        "dead-letters.undecided": .init(
            "판단할 수 없음", "읽을 수 없고 주문이 아직 정리되지 않아 무엇을 바꿀지 알 수 없습니다. 고친 뒤 다시 전달하세요."),
        "dead-letters.readable": .init("고칠 것이 없음", "읽을 수 없는 것만 고칠 수 있습니다. 이것은 읽을 수 있으니 다시 전달하세요."),
        "dead-letters.edit-unreadable": .init("여전히 읽을 수 없음", "이 내용으로도 소비자가 읽을 수 없습니다."),
        "dead-letters.edit-contradicts": .init(
            "알려진 것과 다름", "다른 주문의 내용이거나 주문에 대해 사실과 다릅니다. 실제로 일어난 것만 적을 수 있습니다."),
        "operations.not-found": .init("작업 없음", "그런 작업이 없습니다."),
    ]
}
