@testable import PurchaseAPI

extension Sample {
    /// Of categories, reservations and what was sent.
    static let stock: [String: Sample] = [
        "PATCH /items/{id}": at({ "/items/\($0.items[0])" }, body: { _ in #"{"price":2}"# }),
        "GET /categories": fixed("/categories"),
        "POST /categories": at({ _ in "/categories" }, body: { _ in #"{"name":"potions"}"# }),
        "PATCH /categories/{id}": at(
            { "/categories/\($0.category)" }, needs: .category, body: { _ in #"{"name":"potions"}"# }),
        "GET /items/reservations": fixed("/items/reservations"),
        "GET /items/reservations/stats": fixed("/items/reservations/stats"),
        "GET /items/reservations/order/{orderId}": at({ "/items/reservations/order/\($0.order)" }, needs: .order),
        "GET /items/{id}/reservations": at { "/items/\($0.items[0])/reservations" },
        "POST /items/reservations/{id}/status": at(
            { "/items/reservations/\($0.reservation)/status" }, needs: .reservation,
            body: { _ in #"{"status":"CANCELLED","reason":"recall"}"# }),
        "GET /orders/{id}/notifications": at({ "/orders/\($0.order)/notifications" }, needs: .endedOrder),
    ]
}
