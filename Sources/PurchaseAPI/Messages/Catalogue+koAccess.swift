extension Catalogue {
    /// The wording of accounts and access.
    static let accessKorean: [String: Wording] = [
        "access.signature-refused": .init("서명되지 않음", "서명해야 할 쪽이 서명한 것이 아닙니다."),
        "access.token-without-id": .init("식별자 없는 토큰", "식별자 없이 서명된 토큰이라 만료 전에 끝낼 수 없습니다."),
        "access.too-many-logins": .init("로그인 실패가 너무 많음", "로그인에 너무 많이 실패했습니다. Retry-After에 적힌 만큼 기다려 주세요."),
        "access.wrong-credentials": .init("이름 또는 비밀번호가 틀림", "이름과 비밀번호가 맞지 않습니다."),
        "access.wrong-password": .init("비밀번호가 틀림", "현재 비밀번호가 맞지 않습니다."),
        "field.email-address": .init("메일 주소", "ASCII 문자로 된 메일 주소 하나여야 합니다."),
        "field.password-is-name": .init("비밀번호", "비밀번호는 이름과 달라야 합니다."),
        "notifications.off": .init(
            "알림이 꺼져 있음", "설정된 채널이 없습니다. NOTIFICATION_ENABLED와 NOTIFICATION_TYPE을 보십시오."),
        "users.key-reused": .init("이미 쓴 Idempotency-Key", "이 Idempotency-Key는 다른 입금에 이미 쓰였습니다."),
        "users.last-admin": .init("마지막 관리자", "관리할 수 있는 사람이 한 명은 남아야 합니다."),
        "users.name-taken": .init("이미 쓰는 이름", "다른 사람이 쓰고 있는 이름입니다."),
        "users.own-rights": .init("자신의 권한", "자신의 관리자 권한은 스스로 없앨 수 없습니다."),
        "users.wallet-full": .init("지갑이 가득 참", "지갑에 그만큼 담을 수 없습니다."),
    ]
}
