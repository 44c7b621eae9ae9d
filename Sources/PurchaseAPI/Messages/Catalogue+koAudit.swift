extension Catalogue {
    /// The wording of what is refused of the audit trail.
    static let auditKorean: [String: Wording] = [
        "audit.hold-not-found": .init("보존 명령 없음", "그런 보존 명령이 없거나 이미 풀렸습니다."),
        "audit.read-only": .init(
            "여기서는 감사 기록을 읽기만 함",
            "이 프로세스의 데이터베이스 역할은 감사 기록을 바꿀 수 없습니다. 바꿀 수 있는 역할로 purchase audit cleanup, hold, release를 쓰세요."),
    ]
}
