extension Catalogue {
    /// The wording of categories and reservations.
    static let stockKorean: [String: Wording] = [
        "field.unknown-category": .init(
            "카테고리", "그런 카테고리가 없습니다."),
        "items.category-exists": .init(
            "이미 있는 카테고리", "같은 이름의 카테고리가 이미 있습니다."),
        "items.category-not-found": .init(
            "카테고리 없음", "그런 카테고리가 없습니다."),
        "items.reservation-conflict": .init(
            "바꿀 수 없음", "아직 예약 상태인 것만 취소할 수 있고, 나머지는 주문이 정합니다."),
        "items.reservation-not-found": .init(
            "예약 없음", "그런 재고 예약이 없습니다."),
        "items.too-many-categories": .init(
            "카테고리가 너무 많음", "카테고리를 더 만들 수 없습니다."),
    ]
}
