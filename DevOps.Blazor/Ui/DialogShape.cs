using Radzen;

namespace DevOps.Blazor.Ui;

/// <summary>How a dialog looks and how it goes. Its focus is the page's own business (<c>dialog-stage</c>): the library's comes half a second late,
/// and takes the field from somebody who types already.</summary>
public static class DialogShape
{
    /// <summary>As wide as asked for, but never wider than the window; Escape closes it.</summary>
    /// <param name="pixels">The width.</param>
    public static DialogOptions Wide(int pixels) => new() { Width = $"min({pixels}px, 94vw)", CloseDialogOnEsc = true, AutoFocusFirstElement = false };

    /// <summary>The same, but only its buttons close it: what it shows is shown once.</summary>
    /// <param name="pixels">The width.</param>
    public static DialogOptions Kept(int pixels)
    {
        var shape = Wide(pixels);
        (shape.CloseDialogOnEsc, shape.CloseDialogOnOverlayClick) = (false, false);
        return shape;
    }
}
