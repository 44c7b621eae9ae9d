import PurchaseContracts

extension NotificationText {
    /// Why an order was undone, for the customer; without numbers, which are for the API.
    func sentence(for reason: RefusalCode) -> String {
        language == .korean ? Self.korean(reason) : Self.english(reason)
    }

    private static func korean(_ reason: RefusalCode) -> String {
        switch reason {
        case .orderCancelled: "주문 취소를 요청하셨습니다."
        case .orderDeadline: "제한 시간 안에 주문을 처리하지 못했습니다."
        case .userNotFound: "사용자를 찾을 수 없습니다."
        case .userInactive: "사용이 정지된 계정입니다."
        case .insufficientBalance: "잔액이 부족합니다."
        case .slotsFull: "인벤토리 칸이 부족합니다."
        case .inventoryOverflow: "한 상품을 그만큼 보유할 수 없습니다."
        case .goodsGone: "상품이 이미 사용되어 돌려받을 수 없습니다."
        case .itemNotFound: "없는 상품입니다."
        case .itemOffSale: "판매가 중지된 상품입니다."
        case .insufficientStock: "재고가 부족합니다."
        case .reservationCancelled: "판매자가 예약을 취소했습니다."
        case .paymentDeclined: "결제가 거절되었습니다."
        case .refundRefused: "환불이 거절되었습니다."
        case .couponNotFound: "없는 쿠폰입니다."
        case .couponInactive: "사용할 수 없는 쿠폰입니다."
        case .couponNotYetValid: "아직 사용할 수 없는 쿠폰입니다."
        case .couponExpired: "사용 기간이 지난 쿠폰입니다."
        case .couponOutOfStock: "쿠폰이 모두 소진되었습니다."
        case .couponAlreadyUsed: "이미 사용한 쿠폰입니다."
        case .couponAlreadyHeld: "다른 주문에서 사용 중인 쿠폰입니다."
        case .couponMinOrderAmount: "주문 금액이 쿠폰의 최소 주문 금액보다 적습니다."
        case .couponNoApplicableItems: "쿠폰을 적용할 수 있는 상품이 없습니다."
        case .couponNoDiscount: "쿠폰으로 할인되는 금액이 없습니다."
        case .couponAlreadyClaimed: "이미 받은 쿠폰입니다."
        }
    }

    private static func english(_ reason: RefusalCode) -> String {
        switch reason {
        case .orderCancelled: "You asked for it to be cancelled."
        case .orderDeadline: "It could not be completed in time."
        case .userNotFound: "The user was not found."
        case .userInactive: "The account is inactive."
        case .insufficientBalance: "The balance is insufficient."
        case .slotsFull: "There is not enough room in your inventory."
        case .inventoryOverflow: "That many of one item cannot be owned."
        case .goodsGone: "The goods can no longer be returned."
        case .itemNotFound: "There is no such item."
        case .itemOffSale: "The item is not for sale."
        case .insufficientStock: "There is not enough in stock."
        case .reservationCancelled: "The seller cancelled the reservation."
        case .paymentDeclined: "The payment was declined."
        case .refundRefused: "The refund was refused."
        case .couponNotFound: "There is no such coupon."
        case .couponInactive: "The coupon cannot be used."
        case .couponNotYetValid: "The coupon cannot be used yet."
        case .couponExpired: "The coupon has expired."
        case .couponOutOfStock: "No coupons are left."
        case .couponAlreadyUsed: "The coupon was already used."
        case .couponAlreadyHeld: "The coupon is in use by another order."
        case .couponMinOrderAmount: "The order is below the coupon's minimum amount."
        case .couponNoApplicableItems: "The coupon applies to none of the items."
        case .couponNoDiscount: "The coupon gives no discount on this order."
        case .couponAlreadyClaimed: "You already have this coupon."
        }
    }
}
