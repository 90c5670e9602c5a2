using DevOps.Blazor.Access;
using DevOps.Blazor.Ui;
using DevOps.Core.Projects;
using DevOps.Core.Webhooks;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Settings;
using DevOps.Infrastructure.Webhooks;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DevOps.Blazor.Webhooks;

/// <summary>The addresses to enter at the senders, and the secret.</summary>
public partial class WebhookDoors
{
    private WebhookProvider _provider = WebhookProvider.Github;
    private NewWebhookSecret? _made;
    private string _publicUrl = "";

    /// <summary>The project.</summary>
    [Parameter, EditorRequired]
    public required Project Project { get; set; }

    /// <summary>Whether there is a secret.</summary>
    [Parameter]
    public bool SecretSet { get; set; }

    /// <summary>Names of the environments that pushes are deployed to.</summary>
    [Parameter]
    public IReadOnlyList<string> Following { get; set; } = [];

    /// <summary>Whether the secret may be changed.</summary>
    [Parameter]
    public bool MayEdit { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private CreateWebhookSecret Create { get; set; } = default!;

    [Inject]
    private SettingsReader Settings { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private Attempts Attempts { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private string Url => WebhookUrls.Of(_publicUrl, Project.Key)[Json.Word(_provider)];

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync() =>
        _publicUrl = await WebhookUrls.PublicUrlAsync(Settings, Navigation.BaseUri, CancellationToken.None);

    private async Task MakeAsync()
    {
        if (!SecretSet || await Dialogs.ConfirmAsync(new Confirmation(Text["NewSecretTitle"], Text["NewSecretText"], Text["NewSecret"], null)))
        {
            await Attempts.RunAsync(async () => _made = await Create.RunAsync(await Actors.GetAsync(), Project.Key, CancellationToken.None));
        }
    }
}
