//! Fonts compiled in. Licences: `assets/fonts/licences/`.

macro_rules! bundled {
    ($($name:ident = $file:literal;)*) => {
        $(pub(super) const $name: &[u8] = include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../assets/fonts/bundled/",
            $file
        ));)*
    };
}

bundled! {
    ANTON = "Anton-Regular.ttf";
    ARCHIVO_BLACK = "ArchivoBlack-Regular.ttf";
    BEBAS_NEUE = "BebasNeue-Regular.ttf";
    BODONI_EXTRABOLD = "BodoniModa-ExtraBold.ttf";
    BRICOLAGE_EXTRABOLD = "BricolageGrotesque-ExtraBold.ttf";
    CAPRASIMO = "Caprasimo-Regular.ttf";
    DEVANAGARI_DISPLAY = "NotoSansDevanagari-ExtraBold.ttf";
    DEVANAGARI_TEXT = "NotoSansDevanagari-Medium.ttf";
    DM_SERIF_DISPLAY = "DMSerifDisplay-Regular.ttf";
    FRAUNCES_BLACK = "Fraunces-Black.ttf";
    HEBREW_DISPLAY = "NotoSansHebrew-ExtraBold.ttf";
    HEBREW_TEXT = "NotoSansHebrew-Medium.ttf";
    INSTRUMENT_SERIF = "InstrumentSerif-Regular.ttf";
    INTER_EXTRABOLD = "Inter-ExtraBold.ttf";
    INTER_MEDIUM = "Inter-Medium.ttf";
    JETBRAINS_MONO_EXTRABOLD = "JetBrainsMono-ExtraBold.ttf";
    KUFI_ARABIC = "NotoKufiArabic-ExtraBold.ttf";
    PLAYFAIR_EXTRABOLD = "PlayfairDisplay-ExtraBold.ttf";
    SANS_ARABIC = "NotoSansArabic-Medium.ttf";
    SPACE_GROTESK_BOLD = "SpaceGrotesk-Bold.ttf";
    SPACE_GROTESK_MEDIUM = "SpaceGrotesk-Medium.ttf";
    SYNE_EXTRABOLD = "Syne-ExtraBold.ttf";
    THAI_DISPLAY = "NotoSansThai-ExtraBold.ttf";
    THAI_TEXT = "NotoSansThai-Medium.ttf";
    UNBOUNDED_EXTRABOLD = "Unbounded-ExtraBold.ttf";
}
