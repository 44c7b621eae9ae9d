extension Catalogue {
    /// What each route does, in Korean; the English wording is the route's own summary.
    static let koreanRouteSummaries: [String: String] = [
        "GET /": "응답하는 서비스와 버전",
        "GET /docs": "이 API를 읽고 시험해 보는 페이지",
        "GET /docs/docs.css": "그 페이지의 모양",
        "GET /docs/docs.js": "그 페이지의 프로그램",
        "GET /health/live": "프로세스가 살아 있는지",
        "GET /health/ready": "의존하는 것에 닿을 수 있는지",
        "GET /items": "상품 목록",
        "GET /items/{id}": "상품 하나",
        "GET /items/{id}/stock": "상품의 판매 가능 수량",
        "GET /openapi.json": "이 설명 (OpenAPI 3.1)",
        "GET /orders/user/{userId}": "사용자의 주문, 최신순, 배열로",
        "GET /orders/{id}": "주문 하나",
        "GET /payments/{orderId}": "주문의 결제가 어떻게 되었는지",
        "GET /user/{id}/balance": "쓸 수 있는 금액과 주문에 묶인 금액",
        "GET /user/{id}/inventory": "사용자가 가진 것과 차지한 칸",
        "GET /user/{id}/orders": "사용자의 주문, 최신순",
        "POST /items": "상품 만들기; 응답할 때부터 주문할 수 있음",
        "POST /items/{id}/stock": "판매 가능 수량 정하기; 예약된 것은 그대로",
        "POST /orders": "주문하기",
        "POST /orders/{id}/cancel": "주문 취소; 결과를 5초까지 기다림",
        "POST /setup-test-data": "시험용 사용자, 상품, 토큰; 다시 불러도 같음",
    ]
}
