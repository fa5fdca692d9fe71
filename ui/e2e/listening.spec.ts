import { expect, test } from './harness';
import { listening, now, offline, openedBlind, openedOn } from './pictures';

test.beforeEach(async ({ page }) => {
  await page.clock.setFixedTime(now);
});

test('shows what it has received and since when it listens', async ({ desk, page }) => {
  await desk.open(listening());
  await expect(page.getByText('11월 22일 (일) 08:40부터 받은 예약만 보입니다.')).toBeVisible();
  const row = page.getByRole('row', { name: '김크리스' });
  await expect(row.getByRole('cell')).toHaveText(['10:30 ~ 11:00', '김크리스', '010-1111-1111', '본인']);
  await desk.expectAccessible();
  await desk.expectNothingCutOff();
});

test('claims no status, nobody who handles it and no history', async ({ desk, page }) => {
  await desk.open(listening());
  for (const text of ['예약신청', '예약확정', '상태', '담당', '확인할', '처리']) {
    await expect(page.getByText(text, { exact: false })).toHaveCount(0);
  }
  const [reservation] = listening().day;
  if (!reservation) throw new Error('the picture has no reservation');
  await desk.tell({ opened: openedOn(reservation, { history: null, next: [] }) });
  const details = page.getByRole('complementary', { name: '예약 상세' });
  await expect(details.getByText('받은 시각')).toBeVisible();
  for (const text of ['이력', '처리한 곳', '불러오는 중', '예약신청']) {
    await expect(details.getByText(text)).toHaveCount(0);
  }
  await desk.expectAccessible();
});

test('a reservation of an earlier start says that it is not kept', async ({ desk, page }) => {
  await desk.open(listening({ opened: openedBlind('gone', '이 PC에 남아 있지 않습니다.') }));
  const details = page.getByRole('complementary', { name: '예약 상세' });
  await expect(details.getByRole('alert')).toContainText('이 PC에 남아 있지 않습니다.');
  await expect(details.getByRole('button', { name: '다시 불러오기' })).toHaveCount(0);
});

test('an empty list says since when nothing came', async ({ desk, page }) => {
  await desk.open(listening({ day: [], otherDays: [] }));
  await expect(page.getByText('오늘 예약은 아직 받지 않았습니다')).toBeVisible();
  await expect(page.getByText('08:40부터 받은 예약만')).toBeVisible();
});

test('a first attempt to connect loads nothing, since there is nothing to load', async ({ desk, page }) => {
  const link = { state: 'connecting', since: now.toISOString(), reason: null } as const;
  await desk.open(listening({ link, transport: null, listeningSince: null, today: null, day: [], otherDays: [] }));
  await expect(page.getByText('아직 서버에 연결되지 않았습니다')).toBeVisible();
  await expect(page.getByText('불러오는 중')).toHaveCount(0);
});

test('an outage promises nothing that the server does not keep', async ({ desk, page }) => {
  await desk.open(listening({ link: offline, transport: null }));
  const notice = page.getByRole('region', { name: /끊긴 지/ });
  await expect(notice).toContainText('다시 보내지 않으니');
  await expect(page.getByText('보관되며')).toHaveCount(0);
});

test('a refusal offers no pairing code', async ({ desk, page }) => {
  await desk.open(listening({ link: { state: 'refused', since: null, reason: 'source.auth를 확인해 주세요.' } }));
  await expect(page.getByText('source.auth를 확인해 주세요.').first()).toBeVisible();
  await expect(page.getByRole('button', { name: '연결 코드 입력' })).toHaveCount(0);
});

test('the settings tell server and transport, and offer no signing out', async ({ desk, page }) => {
  await desk.open(listening({ transport: 'polling' }));
  await page.getByRole('button', { name: '설정' }).click();
  const about = page.getByRole('region', { name: '이 데스크' });
  for (const text of ['https://booking.bitgoeul.example/', '연결 방식', 'HTTP 폴링']) {
    await expect(about.getByText(text, { exact: true })).toBeVisible();
  }
  await expect(page.getByRole('button', { name: '이 데스크 연결 해제' })).toHaveCount(0);
});

test('says all of it in English too', async ({ desk, page }) => {
  await desk.open(listening({ language: 'en' }));
  await expect(page.getByText('Shows what was received since Sun 22 November 08:40.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Bookings for other days' })).toBeVisible();
  await expect(page.getByText('Requested')).toHaveCount(0);
});
