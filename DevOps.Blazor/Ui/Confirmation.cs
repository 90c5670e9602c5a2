using Radzen;

namespace DevOps.Blazor.Ui;

/// <summary>A question before something that cannot be taken back.</summary>
/// <param name="Title">What is about to happen, with the name of what it touches.</param>
/// <param name="Text">What that means.</param>
/// <param name="Action">The verb on the button.</param>
/// <param name="TypeToConfirm">A name that has to be typed first.</param>
/// <param name="Danger">Whether the button warns.</param>
public sealed record Confirmation(string Title, string Text, string Action, string? TypeToConfirm = null, bool Danger = true);

/// <summary>Asks in a dialog.</summary>
public static class ConfirmationDialogs
{
    /// <summary>Asks, and answers true only when the person agreed.</summary>
    public static async Task<bool> ConfirmAsync(this DialogService dialogs, Confirmation question)
    {
        var answer = await dialogs.OpenAsync<ConfirmDialog>(
            question.Title,
            new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(ConfirmDialog.Question)] = question },
            DialogShape.Wide(480));
        return answer is true;
    }
}
