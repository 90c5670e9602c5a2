using System.Text;
using QRCoder;

namespace DevOps.Blazor.Access;

/// <summary>Draws QR codes.</summary>
internal static class QrPicture
{
    private const int PixelsPerModule = 6;

    /// <summary>A QR code as an address for <c>img</c>: drawn here, so that the secret in it goes nowhere. Dark on white with a quiet zone, as scanners want it in both themes.</summary>
    public static string Of(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var picture = new SvgQRCode(data);
        return "data:image/svg+xml;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(picture.GetGraphic(PixelsPerModule, "#000000", "#ffffff")));
    }
}
