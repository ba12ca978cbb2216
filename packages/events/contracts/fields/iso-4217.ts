/** Whether a code is an ISO 4217 currency: those in use, and those withdrawn since 1999 that old records still carry. */
export const isCurrency = (code: string): boolean => CODES.has(code);

// Written out, not taken from Intl, whose list changes with the runtime: the same body must always be judged alike.
const CODES: ReadonlySet<string> = new Set(
  `AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BYR BZD CAD CDF CHE CHF
  CHW CLF CLP CNY COP COU CRC CSD CUC CUP CVE CYP CZK DJF DKK DOP DZD EEK EGP ERN ETB EUR FJD FKP GBP GEL GHC GHS GIP GMD GNF GTQ GYD
  HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LVL LYD MAD
  MDL MGA MKD MMK MNT MOP MRO MRU MTL MUR MVR MWK MXN MXV MYR MZM MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR
  ROL RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SIT SKK SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TND TOP TRL TRY TTD TWD
  TZS UAH UGX USD USN UYI UYU UYW UZS VED VEF VES VND VUV WST XAF XAG XAU XCD XCG XDR XOF XPD XPF XPT XSU XUA YER ZAR ZMK ZMW ZWD ZWG
  ZWL`.split(/\s+/),
);

/** What a currency sign can mean; the first is what it means alone. */
export const SIGNS: Readonly<Record<string, readonly string[]>> = {
  $: [
    "USD",
    "AUD",
    "BBD",
    "BMD",
    "BND",
    "BSD",
    "BZD",
    "CAD",
    "CLP",
    "COP",
    "FJD",
    "GYD",
    "HKD",
    "JMD",
    "KYD",
    "LRD",
    "MXN",
    "NAD",
    "NZD",
  ].concat(["SBD", "SGD", "SRD", "TTD", "TWD", "XCD"]),
  "€": ["EUR"],
  "£": ["GBP", "EGP", "FKP", "GIP", "LBP", "SHP", "SSP", "SYP"],
  "¥": ["JPY", "CNY"],
  "₹": ["INR"],
  "₽": ["RUB"],
  "₩": ["KRW", "KPW"],
  "₺": ["TRY"],
  "₴": ["UAH"],
  "₪": ["ILS"],
  "₫": ["VND"],
  "₦": ["NGN"],
  "₱": ["PHP"],
  "฿": ["THB"],
};
