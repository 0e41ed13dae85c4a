// An application's settings in a form, while another administrator may change them too.
import {get} from '../../api';
import type {Application, Settings} from '../../applications';
import {editedOf, settingNames, settingText} from '../../applications';
import {ChangedMeanwhile, useEdited} from '../../edited';

export const useSettings = (application: Application) =>
  useEdited<Settings>(editedOf(application), async () =>
    editedOf(await get<Application>(`applications/${encodeURIComponent(application.client_id)}`)),
  );

export function SettingsNews({now, news}: {now: Settings; news: (keyof Settings)[]}) {
  return <ChangedMeanwhile what="this application" values={news.map((name) => [settingNames[name], settingText(now, name)])} />;
}
