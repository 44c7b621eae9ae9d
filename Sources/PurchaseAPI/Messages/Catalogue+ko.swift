extension Catalogue {
    static let korean: [String: Wording] = [
        // 요청
        "request.malformed-json": .init("잘못된 JSON", "본문을 JSON으로 읽을 수 없습니다 ({offset}번째 바이트)."),
        "request.malformed-id": .init("잘못된 식별자", "경로의 식별자가 UUID 형식이 아닙니다."),
        "request.malformed-cursor": .init("잘못된 커서", "이 목록에서 받은 커서가 아닙니다."),
        "request.malformed-idempotency-key": .init(
            "잘못된 멱등성 키", "Idempotency-Key는 공백 없는 ASCII 문자 1~255자여야 합니다."),
        "request.invalid": .init("유효하지 않은 값", "요청에 유효하지 않은 값이 있습니다."),
        "request.too-large": .init("너무 큰 본문", "본문은 64KiB를 넘을 수 없습니다."),
        "request.not-json": .init("지원하지 않는 형식", "본문은 UTF-8로 된 application/json이어야 합니다."),
        "request.unknown-path": .init("찾을 수 없음", "이 경로에는 아무것도 없습니다."),
        "request.wrong-method": .init("허용되지 않는 메서드", "이 경로는 그 메서드를 지원하지 않습니다."),

        // 필드
        "field.required": .init("필수", "필수 값입니다."),
        "field.unknown": .init("알 수 없는 필드", "이 요청에 없는 필드입니다."),
        "field.bool": .init("참/거짓", "true 또는 false여야 합니다."),
        "field.decimals": .init("수", "소수점 아래 두 자리까지의, 지수가 없는 수여야 합니다."),
        "field.time": .init("시각", "2026-01-31T09:00:00Z와 같은 시각이어야 합니다."),
        "field.choice": .init("선택", "API 설명에 있는 값 중 하나여야 합니다."),
        "field.secret-length": .init("길이", "{minimum}자 이상 {maximum}자 이하여야 합니다."),
        "field.object": .init("객체", "JSON 객체여야 합니다."),
        "field.array": .init("배열", "배열이어야 합니다."),
        "field.string": .init("문자열", "문자열이어야 합니다."),
        "field.integer": .init("정수", "소수점과 지수가 없는 정수여야 합니다."),
        "field.id": .init("식별자", "UUID 형식이어야 합니다."),
        "field.range": .init("범위", "{minimum} 이상 {maximum} 이하여야 합니다."),
        "field.length": .init("길이", "{maximum}자를 넘을 수 없습니다."),
        "field.count": .init("개수", "{minimum}개 이상 {maximum}개 이하여야 합니다."),
        "field.blank": .init("빈 값", "비어 있을 수 없습니다."),
        "field.control-characters": .init("제어 문자", "제어 문자를 담을 수 없습니다."),
        "field.conflict": .init("충돌", "다른 필드와 함께 쓸 수 없습니다."),
        "field.invalid": .init("유효하지 않음", "허용되지 않는 값입니다."),

        // 접근
        "access.token-missing": .init("인증 필요", "로그인이 필요합니다."),
        "access.token-refused": .init("유효하지 않은 토큰", "토큰이 유효하지 않거나 만료되었습니다."),
        "access.forbidden": .init("권한 없음", "이 작업을 할 권한이 없습니다."),

        // 주문
        "orders.not-found": .init("주문 없음", "주문을 찾을 수 없습니다."),
        "orders.idempotency-mismatch": .init("멱등성 키 불일치", "같은 Idempotency-Key가 다른 본문에 이미 쓰였습니다."),
        "orders.amount-too-large": .init("금액 초과", "주문 금액이 너무 큽니다."),
        "orders.too-many-under-way": .init(
            "진행 중인 주문이 너무 많음", "지금은 처리 중인 주문이 너무 많아 새 주문을 받지 않습니다. Retry-After에 적힌 만큼 기다린 뒤 다시 주문해 주세요."),
        "orders.invalid-lines": .init("유효하지 않은 주문 항목", "주문 항목의 개수나 수량이 허용 범위를 벗어났습니다."),
        "orders.too-late-to-cancel": .init("취소 불가", "이미 결제되었거나 끝난 주문은 취소할 수 없습니다."),
        "orders.cancelled": .init("주문 취소", "주문이 취소되었습니다."),
        "orders.deadline-passed": .init("시간 초과", "제한 시간 안에 주문을 처리하지 못했습니다."),

        // 사용자
        "users.not-found": .init("사용자 없음", "사용자를 찾을 수 없습니다."),
        "users.inactive": .init("비활성 사용자", "사용이 정지된 사용자입니다."),
        "users.insufficient-balance": .init("잔액 부족", "잔액이 부족합니다 (필요: {requested}, 사용 가능: {available})."),

        // 인벤토리
        "inventory.slots-full": .init("인벤토리 가득 참", "인벤토리 칸이 부족합니다 (필요: {needed}, 남음: {free})."),
        "inventory.quantity-overflow": .init("수량 초과", "한 아이템을 그만큼 보유할 수 없습니다."),

        // 환불
        "orders.not-completed": .init("환불 불가", "완료된 주문만 환불할 수 있습니다."),
        "orders.refund-open": .init("환불 진행 중", "이 주문의 환불이 이미 진행되고 있습니다."),
        "inventory.goods-gone": .init("상품 없음", "사용자가 그 상품을 더 이상 가지고 있지 않습니다."),

        // 아이템
        "items.not-found": .init("아이템 없음", "아이템을 찾을 수 없습니다."),
        "items.off-sale": .init("판매 중지", "판매하지 않는 아이템입니다."),
        "items.insufficient-stock": .init("재고 부족", "재고가 부족합니다 (요청: {requested}, 재고: {available})."),
        "items.reservation-cancelled": .init("예약 취소", "관리자가 예약을 취소했습니다."),
        "items.not-yet-orderable": .init("아직 주문 불가", "아이템은 저장되었지만 아직 주문할 수 없습니다. 잠시 후 다시 시도하세요."),
        "items.conflict": .init("상태 충돌", "지금 상태에서는 할 수 없는 변경입니다."),

        // 결제
        "payments.not-found": .init("결제 없음", "이 주문의 결제를 찾을 수 없습니다."),
        "payments.event-early": .init("너무 이름", "아직 시작되지 않은 결제입니다. 이 사건을 다시 보내 주세요."),
        "payments.event-id-reused": .init("이미 쓴 식별자", "이 식별자로 다른 사건이 왔습니다."),
        "payments.declined": .init("결제 거절", "결제가 거절되었습니다."),
        "payments.refund-refused": .init("환불 거절", "결제 대행사가 환불을 거절했습니다."),

        // 쿠폰
        "coupons.not-found": .init("쿠폰 없음", "쿠폰을 찾을 수 없습니다."),
        "coupons.inactive": .init("비활성 쿠폰", "사용할 수 없는 쿠폰입니다."),
        "coupons.not-yet-valid": .init("사용 기간 전", "아직 사용할 수 없는 쿠폰입니다."),
        "coupons.expired": .init("쿠폰 만료", "사용 기간이 지난 쿠폰입니다."),
        "coupons.out-of-stock": .init("쿠폰 소진", "쿠폰이 모두 소진되었습니다."),
        "coupons.already-used": .init("사용한 쿠폰", "이미 사용한 쿠폰입니다."),
        "coupons.already-held": .init("사용 중인 쿠폰", "다른 주문에서 사용 중인 쿠폰입니다."),
        "coupons.min-order-amount": .init("최소 주문 금액 미달", "쿠폰을 쓰기에는 주문 금액이 부족합니다."),
        "coupons.no-applicable-items": .init("적용 대상 없음", "쿠폰을 적용할 아이템이 없습니다."),
        "coupons.no-discount": .init("할인 없음", "이 쿠폰으로는 할인되는 금액이 없습니다."),
        "coupons.already-claimed": .init("이미 받은 쿠폰", "이미 받은 쿠폰입니다."),
        "coupons.already-issued": .init("이미 발급한 쿠폰", "이미 발급된 쿠폰이라 할인 조건을 바꿀 수 없습니다."),
        "coupons.below-issued": .init("너무 작은 수량", "수량은 이미 발급한 {issued}장보다 작을 수 없습니다."),
        "coupons.key-reused": .init("이미 쓴 Idempotency-Key", "이 Idempotency-Key는 다른 쿠폰에 이미 쓰였습니다."),
        "coupons.code-taken": .init("이미 쓰이는 코드", "다른 쿠폰이 쓰고 있는 코드입니다."),
        "coupons.issue-job-not-found": .init("발급 작업 없음", "이 쿠폰의 발급 작업을 찾을 수 없습니다."),

        // 서비스
        "service.overloaded": .init("요청이 너무 몰림", "지금은 요청이 너무 많습니다. Retry-After에 적힌 만큼 기다려 주세요."),
        "request.too-many": .init("요청이 너무 잦음", "허용된 것보다 자주 요청했습니다. Retry-After에 적힌 만큼 기다려 주세요."),
        "service.unavailable": .init("일시적으로 이용 불가", "지금은 처리할 수 없습니다. 잠시 후 다시 시도하세요."),
        "service.internal": .init("내부 오류", "예상하지 못한 오류가 발생했습니다."),

        // 성공
        "done.test-data": .init("테스트 데이터", "테스트 데이터가 준비되었습니다."),
        "done.stock-set": .init("재고 변경", "재고가 {stock}(으)로 변경되었습니다."),
        "done.order-cancelled": .init("주문 취소", "주문이 취소되었습니다."),
        "done.refund-opened": .init("환불 시작", "환불을 시작했습니다. 결과는 주문에서 확인하세요."),
        "done.cancel-asked": .init("취소 요청", "취소를 요청했습니다. 결과는 주문에서 확인하세요."),
    ]
}
