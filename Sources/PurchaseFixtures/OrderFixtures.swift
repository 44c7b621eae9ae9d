import FoundationEssentials
import PurchaseContracts
import SagaChoreography

extension OrderLine {
    /// One piece of a 1,000 won item.
    public static func fixture(
        itemID: ItemID = ItemID(UUID()), name: String = "sword", unitPrice: Int64 = 1000, quantity: Int64 = 1,
        categoryID: CategoryID? = nil
    ) -> OrderLine {
        OrderLine(
            itemID: itemID, name: name, categoryID: categoryID, unitPrice: Money(unitPrice), quantity: quantity)
    }
}

extension OrderFacts {
    /// An order of one line, ordered at the start of 2026, due five minutes later; total and final follow from the lines.
    public static func fixture(
        id: OrderID = OrderID(UUID()), userID: UserID = UserID(UUID()), lines: [OrderLine] = [.fixture()],
        discount: Int64 = 0, coupon: CouponChoice? = nil,
        orderedAt: Timestamp = Timestamp(milliseconds: 1_767_225_600_000)
    ) -> OrderFacts {
        let total = lines.reduce(Int64(0)) { $0 + $1.unitPrice.minorUnits * $1.quantity }
        return OrderFacts(
            id: id, userID: userID, lines: lines, total: Money(total), discount: Money(discount),
            final: Money(total - discount), currency: .krw, coupon: coupon, orderedAt: orderedAt,
            deadline: orderedAt + .seconds(300), actor: userID)
    }
}
