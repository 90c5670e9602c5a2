using DevOps.Blazor.Access;
using DevOps.Blazor.Hosting;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Access;
using DevOps.Infrastructure.Backups;
using DevOps.Infrastructure.Demo;
using DevOps.Infrastructure.Hosting;
using DevOps.Infrastructure.Persistence;

var builder = WebApplication.CreateBuilder(args);
var options = builder.AddDevOpsPlatform();
builder.AddDevOpsLogging(options);
await using var database = await PlatformDatabase.BeginAsync(builder.Configuration.GetConnectionString("Default"), options, CancellationToken.None);

builder.Services
    .AddDevOpsInfrastructure(database.Source)
    .AddBackups(database.ConnectionString)
    .AddDemo(builder.Configuration)
    .AddDevOpsForwarding(builder.Configuration)
    .AddDevOpsSignIn()
    .AddDevOpsForges(builder.Configuration)
    .AddDevOpsApi()
    .AddDevOpsHealth()
    .AddDevOpsMetrics();
builder.AddDevOpsPages();

await using var app = builder.Build();
var migrated = app.Services.GetRequiredService<DatabaseMigrator>().RunAsync(database.Ready, CancellationToken.None);

// Meanwhile everything else is put together. The order counts: who asks and over what, what every answer carries, who may, then the doors.
app.UseDevOpsForwarding();
app.UseDevOpsSecurityHeaders();
app.UseDevOpsPages();
app.UseDevOpsApi();
app.UseDevOpsMetrics();
app.UseRouting();
app.UseRateLimiter();
app.UseAuthentication();
app.UseAuthorization();
app.UseOpenAnswers();
app.UseTwoFactorGate();
app.UseDevOpsDocs();
app.UseAntiforgery();
app.MapOnce(doors =>
{
    doors.MapOpenApi().AllowAnonymous();
    doors.MapDevOpsHealth();
    doors.MapDevOpsMetrics();
    doors.MapDevOpsApi();
    doors.MapSignOut();
    doors.MapForges();
    doors.MapDevOpsPages();
});
app.ProtectOwnPorts();

await migrated;

// A master key that does not fit this database is said now, not at the first sign-in.
await app.Services.GetRequiredService<SigningKeys>().CurrentAsync(CancellationToken.None);
var setup = await app.WelcomeFirstAdministratorAsync();
await app.StartAsync();
await app.PrintSetupLinkAsync(setup);
await app.WaitForShutdownAsync();
